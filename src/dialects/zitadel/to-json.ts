// Messages into JSON, by protobuf's mapping (https://protobuf.dev/programming-guides/json), for the kinds of fields that
// answers have. As with from-json.ts, a test holds it against the library's own.
import {
  type DescField,
  type DescMessage,
  isFieldSet,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf';
import { base64Encode } from '@bufbuild/protobuf/wire';

/** Fields in the order of their numbers, those left out that have no value or that of nothing. */
export function toJson(desc: DescMessage, message: Message): JsonValue {
  if (desc.typeName === 'google.protobuf.Timestamp') return writeTimestamp(message as never);
  const present = desc.fields
    .filter((field) => isFieldSet(message, field))
    .toSorted((a, b) => a.number - b.number)
    .map((field) => [field.jsonName, writeField(field, readField(field, message as never))]);
  return Object.fromEntries(present) as JsonValue;
}

function readField({ oneof, localName }: DescField, message: Readonly<Record<string, unknown>>) {
  if (oneof === undefined) return message[localName];
  return (message[oneof.localName] as { readonly value: unknown }).value;
}

function writeField(field: DescField, value: unknown): JsonValue {
  if (field.fieldKind === 'list') {
    return (value as readonly unknown[]).map((item) => writeValue(field, item));
  }
  if (field.fieldKind !== 'map') return writeValue(field, value);
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return Object.fromEntries(entries.map(([key, item]) => [key, writeValue(field, item)]));
}

function writeValue({ message, enum: names }: DescField, value: unknown): JsonValue {
  if (names !== undefined) return names.value[Number(value)]?.name ?? Number(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return base64Encode(value);
  // A field of any JSON holds it as it is.
  return message === undefined || message.typeName === 'google.protobuf.Struct'
    ? (value as JsonValue)
    : toJson(message, value as Message);
}

/** With as many digits behind the point as it takes, in threes. */
function writeTimestamp(time: { readonly seconds: bigint; readonly nanos: number }): string {
  const whole = new Date(Number(time.seconds) * 1000).toISOString().slice(0, -5);
  const fraction = String(time.nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,3}$/, '');
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}
