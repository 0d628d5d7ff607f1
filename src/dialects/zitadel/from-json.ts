// JSON into messages, by protobuf's mapping (https://protobuf.dev/programming-guides/json), for the kinds of fields that
// requests have. The library's own brings the descriptors of descriptors along, a twentieth of the Worker; a test holds
// ours against it.
import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  protoInt64,
  ScalarType,
} from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';

const MAX_UINT32 = 0xffff_ffff;
/** Seconds: ten thousand years. */
const LONGEST_DURATION = 315_576_000_000;
const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59Z');
const NANO_DIGITS = 9;

/**
 * Unknown fields are ignored, and so are unknown names of enums.
 * @throws for JSON that is no message of the type. No part of it is in the error.
 */
export function fromJson<Desc extends DescMessage>(
  desc: Desc,
  json: JsonValue,
): MessageShape<Desc> {
  return create(desc, readMessage(desc, json) as MessageInitShape<Desc>);
}

function readMessage(desc: DescMessage, json: JsonValue): object {
  if (desc.typeName === 'google.protobuf.Timestamp') return readTimestamp(json);
  if (desc.typeName === 'google.protobuf.Duration') return readDuration(json);
  const given = new Set<DescField>();
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(readObject(json))) {
    const field = desc.fields.find((one) => one.jsonName === name || one.name === name);
    if (field === undefined) continue;
    // By both of its names.
    if (given.has(field)) throw malformed();
    given.add(field);
    // An absent field: it chooses no arm of a oneof.
    if (value === null) continue;
    const { localName } = field.oneof ?? field;
    // Two arms of a oneof.
    if (Object.hasOwn(values, localName)) throw malformed();
    const read = readField(field, value);
    values[localName] = field.oneof === undefined ? read : { case: field.localName, value: read };
  }
  return values;
}

function readField(field: DescField, json: JsonValue): unknown {
  if (field.fieldKind === 'list') {
    if (!Array.isArray(json)) throw malformed();
    return json.map((item) => readValue(field, item));
  }
  if (field.fieldKind !== 'map') return readValue(field, json);
  const entries = Object.entries(readObject(json)).map(([key, value]) => [
    readScalar(field.mapKey, key),
    readValue(field, value),
  ]);
  return Object.fromEntries(entries);
}

/** undefined for the unknown name of an enum, of which there is no list. */
function readValue({ message, enum: names, scalar }: DescField, json: JsonValue): unknown {
  if (names !== undefined) return readEnum(names, json);
  if (scalar !== undefined) return readScalar(scalar, json);
  if (message === undefined) throw malformed();
  // A field holds any JSON as it is.
  return message.typeName === 'google.protobuf.Struct'
    ? readObject(json)
    : readMessage(message, json);
}

function readObject(json: JsonValue): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed();
  return json;
}

/** A number may be one that has no name. */
function readEnum({ values }: DescEnum, json: JsonValue): number | undefined {
  if (typeof json === 'string') return values.find(({ name }) => name === json)?.number;
  // Of 32 bits.
  if (typeof json !== 'number' || json !== (json | 0)) throw malformed();
  return json;
}

function readScalar(type: ScalarType, json: JsonValue): unknown {
  switch (type) {
    case ScalarType.STRING:
      if (typeof json === 'string' && json.isWellFormed()) return json;
      break;
    case ScalarType.BOOL:
      if (typeof json === 'boolean') return json;
      break;
    case ScalarType.BYTES:
      if (typeof json === 'string') return base64Decode(json);
      break;
    case ScalarType.UINT32: {
      const isText = typeof json === 'string' && json !== '' && json.trim() === json;
      const number = isText ? Number(json) : json;
      if (Number.isInteger(number) && Number(number) >= 0 && Number(number) <= MAX_UINT32) {
        return number;
      }
      break;
    }
    case ScalarType.UINT64:
      if (typeof json === 'number' || (typeof json === 'string' && json !== '')) {
        return protoInt64.uParse(json);
      }
  }
  throw malformed();
}

function readTimestamp(json: JsonValue): { readonly seconds: bigint; readonly nanos: number } {
  const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
  const [, time, fraction = '', zone] = form.exec(readText(json)) ?? [];
  const milliseconds = Date.parse(`${time}${zone}`);
  // Of what is no time at all neither is true.
  if (!(milliseconds >= FIRST_TIME && milliseconds <= LAST_TIME)) throw malformed();
  return { seconds: BigInt(milliseconds / 1000), nanos: readNanos(fraction) };
}

function readDuration(json: JsonValue): { readonly seconds: bigint; readonly nanos: number } {
  const [, whole, fraction = ''] = /^(-?\d+)(?:\.(\d+))?s/.exec(readText(json)) ?? [];
  if (whole === undefined || fraction.length > NANO_DIGITS) throw malformed();
  if (Math.abs(Number(whole)) > LONGEST_DURATION) throw malformed();
  const nanos = readNanos(fraction);
  return { seconds: BigInt(whole), nanos: whole.startsWith('-') ? 0 - nanos : nanos };
}

function readText(json: JsonValue): string {
  if (typeof json !== 'string') throw malformed();
  return json;
}

/** The digits behind the point. */
function readNanos(fraction: string): number {
  return Number(fraction.padEnd(NANO_DIGITS, '0'));
}

function malformed(): Error {
  return new TypeError('no message of the type');
}
