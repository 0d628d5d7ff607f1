// An error as every transport tells it: message, detail and headers, in the language that the caller likes best.
import {
  create,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import type { StructSchema as StructType, ValueSchema } from '@bufbuild/protobuf/wkt';
import { parseAccept } from 'hono/utils/accept';
import { CredentialsCheckErrorSchema, ErrorDetailSchema, StructSchema } from './descriptors.ts';
import { CODES, type ZitadelError } from './failure.ts';
import { GERMAN } from './german.ts';
import { toJson } from './to-json.ts';

interface Detail {
  readonly desc: DescMessage;
  readonly value: Message;
  /** The same, as JSON. */
  readonly json: JsonObject;
}

export interface ErrorAnswer {
  readonly code: ZitadelError['code'];
  readonly message: string;
  readonly details: readonly Detail[];
  readonly headers: Readonly<Record<string, string>>;
}

export function describeError(
  error: ZitadelError,
  acceptLanguage: string | null | undefined,
): ErrorAnswer {
  const german = GERMAN[error.text];
  const language = german === undefined ? null : chooseLanguage(acceptLanguage ?? '');
  const text = language === 'de' && german !== undefined ? german : error.text;
  return {
    code: error.code,
    message: error.id === null ? text : `${text} (${error.id})`,
    details: [
      ...(error.id === null ? [] : [makeDetail({ ...error, id: error.id, text })]),
      ...(error.violations === undefined ? [] : [listBrokenRules(error.violations)]),
    ],
    headers: {
      ...(error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }),
      ...(error.code === CODES.unauthenticated
        ? { 'www-authenticate': 'Bearer realm="zitadel"' }
        : {}),
      ...(language === null ? {} : { 'content-language': language, vary: 'Accept-Language' }),
    },
  };
}

function makeDetail({
  id,
  text: message,
  failedAttempts,
}: ZitadelError & { readonly id: string }): Detail {
  if (failedAttempts === undefined) {
    return describeDetail(ErrorDetailSchema, create(ErrorDetailSchema, { id, message }));
  }
  const value = create(CredentialsCheckErrorSchema, { id, message, failedAttempts });
  return describeDetail(CredentialsCheckErrorSchema, value);
}

function describeDetail(desc: DescMessage, value: Message): Detail {
  return { desc, value, json: toJson(desc, value) as JsonObject };
}

/** A message that every protobuf library brings along, with what the other dialects have as JSON. */
function listBrokenRules(violations: NonNullable<ZitadelError['violations']>): Detail {
  const json = { violations: violations.map((rule) => ({ ...rule })) };
  return { desc: StructSchema, value: create(StructSchema, toStruct(json)), json };
}

function toStruct(json: JsonObject): MessageInitShape<typeof StructType> {
  const fields = Object.entries(json).map(([name, value]) => [name, toValue(value)]);
  return { fields: Object.fromEntries(fields) };
}

/** Of what rules are made of: words, numbers, and lists and objects of them. */
function toValue(json: JsonValue): MessageInitShape<typeof ValueSchema> {
  if (typeof json === 'number') return { kind: { case: 'numberValue', value: json } };
  if (Array.isArray(json)) {
    return { kind: { case: 'listValue', value: { values: json.map(toValue) } } };
  }
  return typeof json === 'object' && json !== null
    ? { kind: { case: 'structValue', value: toStruct(json) } }
    : { kind: { case: 'stringValue', value: String(json) } };
}

/** German when it is liked better than English, or named before it; English when neither is (RFC 9110, 12.5.4). */
function chooseLanguage(header: string): 'en' | 'de' {
  const liked = parseAccept(header)
    .filter(({ q }) => q > 0)
    .map(({ type }) => type.toLowerCase().split('-')[0])
    .find((language) => language === 'de' || language === 'en' || language === '*');
  return liked === 'de' ? 'de' : 'en';
}
