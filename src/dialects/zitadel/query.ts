// The query of a request without a body, into its message, as google.api.http says: "ctx.orgId=1&ctx.instance=true".
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf';
import { hasCleanEscapes } from '../../wire/body.ts';
import { readJsonMessage } from './decode.ts';

/** null for a query that is no message of the type. Unknown fields are ignored, as in a body. */
export function decodeQuery(input: DescMessage, search: string): Message | null {
  if (!hasCleanEscapes(search)) return null;
  const given = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(search)) {
    const path = toJsonName(name);
    const values = given.get(path);
    if (values === undefined) given.set(path, [value]);
    else values.push(value);
  }
  const json: JsonObject = {};
  for (const [path, values] of given) {
    if (!place(input, json, path.split('.'), values)) return null;
  }
  return readJsonMessage(input, json);
}

/** "new_password" and "newPassword" are one field. */
function toJsonName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** false for what the field cannot hold. */
function place(
  message: DescMessage,
  target: JsonObject,
  [name, ...rest]: readonly string[],
  values: readonly string[],
): boolean {
  const field = message.fields.find(({ jsonName }) => jsonName === name);
  if (field === undefined) return true;
  if (rest.length === 0) {
    const value = readField(field, values);
    if (value === null) return false;
    target[field.jsonName] = value;
    return true;
  }
  if (field.fieldKind !== 'message' || isWellKnown(field.message)) return false;
  const inner = target[field.jsonName] ?? {};
  target[field.jsonName] = inner;
  return place(field.message, inner as JsonObject, rest, values);
}

function readField(field: DescField, values: readonly string[]): JsonValue | null {
  const isList = field.fieldKind === 'list';
  if (!isList && values.length > 1) return null;
  const read = values.map((value) => readValue(field, value));
  return read.includes(null) ? null : isList ? read : (read[0] ?? null);
}

/** What the JSON mapping reads from a string stays one. */
function readValue(field: DescField, text: string): JsonValue | null {
  if (field.enum !== undefined) return readEnum(field.enum, text);
  if (field.message !== undefined) return isWellKnown(field.message) ? text : null;
  return field.scalar === ScalarType.BOOL ? readBoolean(text) : text;
}

/** Also as other languages print it. */
function readBoolean(text: string): boolean | null {
  if (/^(?:true|True|TRUE|1)$/.test(text)) return true;
  return /^(?:false|False|FALSE|0)$/.test(text) ? false : null;
}

function readEnum({ values }: DescEnum, text: string): JsonValue | null {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  return values.some(({ name }) => name === text) ? text : null;
}

/** Those that the JSON mapping writes as a string, or does not allow here. */
function isWellKnown({ typeName }: DescMessage): boolean {
  return typeName.startsWith('google.protobuf.');
}
