// Every text of the service has its German, and what is never translated is none of them.
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/dialects/zitadel/error-answer.ts';
import * as failures from '../../../src/dialects/zitadel/failure.ts';
import { GERMAN } from '../../../src/dialects/zitadel/german.ts';

const SOURCES = import.meta.glob('../../../src/dialects/zitadel/failure.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Of the transports and the validator, and keys that the vendor has no text for. */
const NEVER_TRANSLATED = [
  'auth header missing',
  'invalid auth header',
  'Errors.Token.Invalid',
  'Errors.User.AlreadyExisting',
  'Errors.User.Locked',
  'Errors.User.NotActive',
  "Organisation doesn't exist",
  'No matching permissions found',
  'membership not found',
  'Not Implemented',
  'Not Found',
  'Method Not Allowed',
  'the request body is malformed',
  'the request body is too large',
  'HTTPS is required',
  'the content type is not served here',
];

describe('the German texts', () => {
  it('are there for every text of the service, and for no other', () => {
    const literals = /error\(\s*'\w+',\s*(?:null|'[^']*'),\s*(?:'([^']*)'|"([^"]*)")/g;
    const written = [...Object.values(SOURCES).join().matchAll(literals)].map(
      ([, plain, quoted]) => plain ?? quoted,
    );
    const hash = failures.describeFailure({ kind: 'hash-unsupported' }).text;
    expect(written.length).toBeGreaterThan(40);
    expect([...new Set([...written, hash])].sort()).toEqual(
      [...Object.keys(GERMAN), ...NEVER_TRANSLATED].sort(),
    );
  });

  it('say another thing than the English ones', () => {
    for (const [english, german] of Object.entries(GERMAN)) expect(german).not.toBe(english);
  });

  it('are never used for what the caller is, or for a message that cannot be read', () => {
    for (const error of [failures.MISSING_AUTH, failures.INVALID_AUTH, failures.MALFORMED]) {
      const { message, headers } = describeError(error, 'de');
      expect(message).toContain(error.text);
      expect(headers).not.toHaveProperty('content-language');
    }
  });
});
