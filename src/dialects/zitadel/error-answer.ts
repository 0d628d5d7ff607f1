// An error as every transport tells it: message, detail and headers, in the language that the caller likes best.
import { create, type DescMessage, fromJson, type Message } from '@bufbuild/protobuf';
import { StructSchema } from '@bufbuild/protobuf/wkt';
import { parseAccept } from 'hono/utils/accept';
import { CredentialsCheckErrorSchema, ErrorDetailSchema } from './descriptors.ts';
import { CODES, type ZitadelError } from './failure.ts';
import { GERMAN } from './german.ts';

export interface ErrorAnswer {
  readonly code: ZitadelError['code'];
  readonly message: string;
  readonly details: readonly { readonly desc: DescMessage; readonly value: Message }[];
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

function makeDetail({ id, text: message, failedAttempts }: ZitadelError & { readonly id: string }) {
  if (failedAttempts === undefined) {
    return { desc: ErrorDetailSchema, value: create(ErrorDetailSchema, { id, message }) };
  }
  const value = create(CredentialsCheckErrorSchema, { id, message, failedAttempts });
  return { desc: CredentialsCheckErrorSchema, value };
}

/** A message that every protobuf library brings along, with what the other dialects have as JSON. */
function listBrokenRules(violations: NonNullable<ZitadelError['violations']>) {
  const value = fromJson(StructSchema, { violations: violations.map((rule) => ({ ...rule })) });
  return { desc: StructSchema, value };
}

/** German when it is liked better than English, or named before it; English when neither is (RFC 9110, 12.5.4). */
function chooseLanguage(header: string): 'en' | 'de' {
  const liked = parseAccept(header)
    .filter(({ q }) => q > 0)
    .map(({ type }) => type.toLowerCase().split('-')[0])
    .find((language) => language === 'de' || language === 'en' || language === '*');
  return liked === 'de' ? 'de' : 'en';
}
