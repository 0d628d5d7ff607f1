// JSON into messages: held against the library's own mapping, field by field.
import {
  type DescMessage,
  fromJson as fromJsonByLibrary,
  type JsonValue,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { UserAgentSchema, UserService } from '../../../src/dialects/zitadel/descriptors.ts';
import { fromJson } from '../../../src/dialects/zitadel/from-json.ts';
import { listMessages, makeJson } from '../../support/zitadel-json.ts';

/** The message as text, and its bytes: two that differ in anything are told apart. */
function tell(desc: DescMessage, json: JsonValue, read: typeof fromJson): string {
  let message: Message;
  try {
    message = read(desc, json);
  } catch {
    return 'refused';
  }
  return `${JSON.stringify(message, tellValue)} ${toBinary(desc, message).join()}`;
}

function tellValue(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${value.join()}`;
  if (value === undefined || typeof value === 'bigint') return `${typeof value} ${value}`;
  if (Object.is(value, -0)) return 'minus 0';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // In one order, whichever field was set first.
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const readByLibrary: typeof fromJson = (desc, json) =>
  fromJsonByLibrary(desc, json, { ignoreUnknownFields: true });

const messages = new Set([...listMessages('input'), UserAgentSchema]);

it.each([...messages].map((desc) => [desc.typeName, desc] as const))(
  '%s is read as the library reads it',
  (_, desc) => {
    const given = [...makeJson(desc), [], 'a', 1, true, {}];
    const different = given.filter(
      (json) => tell(desc, json, fromJson) !== tell(desc, json, readByLibrary),
    );
    expect(different.map((json) => JSON.stringify(json))).toEqual([]);
  },
);

it('of all requests there are as many messages as the vendor has', () => {
  expect(messages.size).toBeGreaterThan(80);
});

it('no part of what is refused is in the error', () => {
  const { input } = UserService.method.setPassword;
  const secret = 'correct horse battery';
  for (const json of [{ newPassword: secret }, { userId: [secret] }, { newPassword: [secret] }]) {
    expect(() => fromJson(input, json)).toThrow(/^no message of the type$/);
  }
});
