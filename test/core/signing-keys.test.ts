// Which values have the form of a key that signs our tokens: what a deployment may have in SIGNING_KEYS.
import { describe, expect, it } from 'vitest';
import { isSigningJwk } from '../../src/core/signing-keys.ts';

const COORDINATE = 'A'.repeat(43);
const KEY = { kty: 'EC', crv: 'P-256', x: COORDINATE, y: 'b-_'.padEnd(43, '9') };

describe('a signing key', () => {
  it.each([
    ['that only verifies', KEY],
    ['that signs', { ...KEY, d: COORDINATE }],
    ['with a name', { ...KEY, d: COORDINATE, kid: 'now' }],
    ['that is retired', { ...KEY, kid: 'before', retired_at: 1_790_000_000 }],
    ['that never signed', { ...KEY, retired_at: 0 }],
    ['with what other programs write into it', { ...KEY, use: 'sig', alg: 'ES256' }],
  ])('may be one %s', (_, value) => {
    expect(isSigningJwk(value)).toBe(true);
  });

  it.each([
    ['nothing', null],
    ['missing', undefined],
    ['a text', JSON.stringify(KEY)],
    ['a list', [KEY]],
    ['of no kind', { ...KEY, kty: undefined }],
    ['of RSA', { ...KEY, kty: 'RSA' }],
    ['of another curve', { ...KEY, crv: 'P-384' }],
    ['without x', { ...KEY, x: undefined }],
    ['without y', { ...KEY, y: undefined }],
    ['with a short x', { ...KEY, x: 'A'.repeat(42) }],
    ['with a long y', { ...KEY, y: 'A'.repeat(44) }],
    ['with an x of other letters', { ...KEY, x: '+'.repeat(43) }],
    ['with an x that is no text', { ...KEY, x: [COORDINATE] }],
    ['with a d that is none', { ...KEY, d: 'secret' }],
    ['with a d of null', { ...KEY, d: null }],
    ['with a name that is no text', { ...KEY, kid: 7 }],
    ['retired at no whole second', { ...KEY, retired_at: 1.5 }],
    ['retired before there was time', { ...KEY, retired_at: -1 }],
    ['retired at a text', { ...KEY, retired_at: '1790000000' }],
  ])('is nothing that is %s', (_, value) => {
    expect(isSigningJwk(value)).toBe(false);
  });
});
