// Bodies into messages, strictly. No part of a body is in any fault: a password could be.
import { type DescMessage, fromBinary, type JsonValue, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { parseStrictJson } from '../../wire/json.ts';
import { fromJson } from './from-json.ts';

/** null for a body that is no message of the type. */
export function decodeMessage(
  input: DescMessage,
  codec: 'proto' | 'json',
  bytes: Uint8Array,
): Message | null {
  if (codec === 'json') {
    const json = parseStrictJson(bytes);
    return json === undefined ? null : readJsonMessage(input, json as JsonValue);
  }
  try {
    return fromBinary(input, bytes);
  } catch {
    return null;
  }
}

/** null for JSON that is no message of the type. */
export function readJsonMessage(input: DescMessage, json: JsonValue): Message | null {
  try {
    return fromJson(input, json);
  } catch {
    return null;
  }
}

/** What the path names is what counts, whatever the body says. */
export function bindPath(
  input: DescMessage,
  message: Message,
  parameters: Readonly<Record<string, string>>,
): Message {
  const reflected = reflect(input, message);
  for (const field of input.fields) {
    const value = parameters[field.name];
    if (value !== undefined && field.fieldKind === 'scalar') reflected.set(field, value);
  }
  return reflected.message;
}
