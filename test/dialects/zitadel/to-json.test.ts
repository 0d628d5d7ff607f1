// Messages into JSON: held against the library's own mapping, field by field.
import {
  create,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  toJsonString,
} from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  CredentialsCheckErrorSchema,
  ErrorDetailSchema,
  TimestampSchema,
  UserAgentSchema,
} from '../../../src/dialects/zitadel/descriptors.ts';
import { toJson } from '../../../src/dialects/zitadel/to-json.ts';
import { listMessages, makeJson } from '../../support/zitadel-json.ts';

const written = new Set([
  ...listMessages('output'),
  UserAgentSchema,
  ErrorDetailSchema,
  CredentialsCheckErrorSchema,
]);

function read(desc: DescMessage, json: JsonValue): Message[] {
  try {
    return [fromJson(desc, json, { ignoreUnknownFields: true })];
  } catch {
    return [];
  }
}

it.each([...written].map((desc) => [desc.typeName, desc] as const))(
  '%s is written as the library writes it',
  (_, desc) => {
    const messages = [...makeJson(desc)].flatMap((json) => read(desc, json));
    expect(messages.length).toBeGreaterThan(0);
    const different = messages
      .map((message) => [JSON.stringify(toJson(desc, message)), toJsonString(desc, message)])
      .filter(([ours, theirs]) => ours !== theirs);
    expect(different).toEqual([]);
  },
);

it('of all answers there are as many messages as the vendor has', () => {
  expect(written.size).toBeGreaterThan(40);
});

it.each([0, 1, 999, 1000, 1_000_000, 120_000_000, 123_456_000, 100_000_001, 999_999_999])(
  'a time with %d billionths of a second is written as the library writes it',
  (nanos) => {
    const time = create(TimestampSchema, { seconds: -1n, nanos });
    expect(JSON.stringify(toJson(TimestampSchema, time))).toBe(toJsonString(TimestampSchema, time));
  },
);
