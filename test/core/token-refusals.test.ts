// Every way in which a token is not one of ours.
import { createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mintTokens,
  verifyAccessToken,
  verifyExpiredIdToken,
  verifyIdToken,
} from '../../src/core/token.ts';
import { decodeJws, encodePart, signEs256, signHs256 } from '../support/jws.ts';
import { makeSigningJwk, platformRandom } from '../support/secrets.ts';
import { CLAIMS, context, ISSUER, LIFE, ours, SECONDS, SUBJECT } from '../support/tokens.ts';

const minted = await mintTokens(context, platformRandom, SUBJECT);
const access = decodeJws(minted.accessToken);
const id = decodeJws(minted.idToken);
const [ourPublished, nextPublished] = await context.keyring.publicKeys(context.now);

/** Signed rightly, by our key: only what is changed is wrong. */
const forge = (claims: object, header: object = {}) =>
  signEs256({ ...access.header, ...header }, { ...access.payload, ...claims }, ours);
const forgeId = (claims: object) => signEs256(id.header, { ...id.payload, ...claims }, ours);
const without = (claim: string) => forge({ [claim]: undefined });
const foreign = makeSigningJwk();
const signForeign = (header: object) =>
  signEs256({ ...access.header, ...header }, access.payload, foreign);
const publicOf = ({ kty, crv, x, y }: typeof ours) => ({ kty, crv, x, y });
const [head = '', body = '', signature = ''] = minted.accessToken.split('.');
const raw = (change: (json: string) => string) =>
  signEs256(access.header, change(JSON.stringify(access.payload)), ours);
const unsigned = (alg: unknown) => `${encodePart({ ...access.header, alg })}.${body}.`;
const pem = createPublicKey({ key: ours as Record<string, string>, format: 'jwk' })
  .export({ format: 'pem', type: 'spki' })
  .toString();
const hs256 = (secret: string | Buffer) =>
  signHs256({ ...access.header, alg: 'HS256' }, access.payload, secret);

it('the forging of these tests is sound: what breaks no rule is honoured', async () => {
  expect(await verifyAccessToken(context, forge({}))).toEqual(CLAIMS);
  expect(
    await verifyAccessToken(
      context,
      raw((json) => json),
    ),
  ).toEqual(CLAIMS);
  expect(await verifyIdToken(context, forgeId({}))).toEqual({ ...CLAIMS, clientId: 'client-1' });
});

it('honours tokens up to their longest', async () => {
  const stretch = (make: (padding: string) => string, length: number) =>
    make('p'.repeat(Math.floor(((length - make('').length) * 3) / 4)));
  const longest = stretch((padding) => forge({ padding }), 4096);
  const longestId = stretch((padding) => forgeId({ padding }), 8192);
  expect([longest.length, longestId.length]).toEqual([4096, 8192]);
  expect(await verifyAccessToken(context, longest)).not.toBeNull();
  expect(await verifyIdToken(context, longestId)).not.toBeNull();
  expect(await verifyExpiredIdToken(context, longestId)).not.toBeNull();
});

it('a fault of ours is no refusal of the token', async () => {
  const verificationKey = () => Promise.reject(new Error('no key can be read'));
  const broken = { ...context, keyring: { ...context.keyring, verificationKey } };
  await expect(verifyAccessToken(broken, minted.accessToken)).rejects.toThrow('no key can be read');
});

describe('refuses', () => {
  const tokens: Record<string, string> = {
    'alg none': unsigned('none'),
    'alg None': unsigned('None'),
    'alg noNE': unsigned('noNE'),
    'alg empty': unsigned(''),
    'alg missing': unsigned(undefined),
    'alg null': unsigned(null),
    'alg as a list': unsigned(['ES256']),
    'alg none with a signature': `${unsigned('none')}${signature}`,
    'alg es256': forge({}, { alg: 'es256' }),
    'alg ES384': forge({}, { alg: 'ES384' }),
    'HS256 under our public JWK': hs256(JSON.stringify(publicOf(ours))),
    'HS256 under our published JWK': hs256(JSON.stringify(ourPublished)),
    'HS256 under our PEM': hs256(pem),
    'HS256 under the bytes of x': hs256(Buffer.from(ours.x ?? '', 'base64url')),
    'HS256 under nothing': hs256(''),

    'a foreign key under our kid': signForeign({}),
    'an unknown kid': forge({}, { kid: 'unknown' }),
    'the kid of another of our keys': forge({}, { kid: nextPublished?.kid }),
    'no kid': forge({}, { kid: undefined }),
    'an empty kid': forge({}, { kid: '' }),
    'a kid of 10 KB': forge({}, { kid: 'k'.repeat(10_240) }),
    'a kid that is a path': forge({}, { kid: '../../../etc/passwd' }),
    'a kid that is SQL': forge({}, { kid: "' OR 1=1--" }),
    'a kid that is a number': forge({}, { kid: 0 }),
    'a kid that is a list': forge({}, { kid: [access.header['kid']] }),
    'a kid that is every object': forge({}, { kid: '__proto__' }),

    'the attacker in jwk': signForeign({ jwk: publicOf(foreign) }),
    'the attacker in jwk without kid': signForeign({ jwk: publicOf(foreign), kid: undefined }),
    'the attacker in jku': signForeign({ jku: 'https://evil.example/jwks.json' }),
    'the attacker in x5u': signForeign({ x5u: 'https://evil.example/cert.pem' }),
    'the attacker in x5c': signForeign({ x5c: [Buffer.from(pem).toString('base64')] }),

    'an unknown critical header': forge({}, { crit: ['exp'], exp: 1 }),
    'an unencoded payload': forge({}, { crit: ['b64'], b64: false }),
    'a p2c header': forge({}, { p2c: 2 ** 31, alg: 'PBES2-HS256+A128KW' }),

    'typ JWT': forge({}, { typ: 'JWT' }),
    'typ missing': forge({}, { typ: undefined }),
    'typ as a list': forge({}, { typ: ['at+jwt'] }),

    'another issuer': forge({ iss: 'https://evil.example' }),
    'our issuer with a slash': forge({ iss: `${ISSUER}/` }),
    'our issuer in capitals': forge({ iss: ISSUER.toUpperCase() }),
    'issuers as a list': forge({ iss: [ISSUER] }),
    'no issuer': without('iss'),
    'another audience': forge({ aud: 'db-eu_other' }),
    'the client as audience': forge({ aud: 'client-1' }),
    'audiences as a list': forge({ aud: ['db-eu_tenant'] }),
    'two audiences': forge({ aud: ['db-eu_tenant', 'db-eu_other'] }),
    'no audience': without('aud'),
    'another tenant than the audience': forge({ tenant: 'db-eu_other' }),
    'no tenant': without('tenant'),
    'neither tenant nor audience': forge({ tenant: undefined, aud: undefined }),

    'no sub': without('sub'),
    'sub as a number': forge({ sub: 1 }),
    'sub null': forge({ sub: null }),
    'no jti': without('jti'),
    'no family': without('fam'),
    'family as a number': forge({ fam: 1 }),
    'no place': without('place'),
    'place as a list': forge({ place: ['db'] }),
    'no version': without('pwv'),
    'version as text': forge({ pwv: '3' }),

    'exp as text': forge({ exp: String(SECONDS + LIFE) }),
    'exp null': forge({ exp: null }),
    'exp as a list': forge({ exp: [SECONDS + LIFE] }),
    'exp 0': forge({ exp: 0 }),
    'exp negative': forge({ exp: -1 }),
    'exp past': forge({ exp: SECONDS - 1 }),
    'exp now': forge({ exp: SECONDS }),
    'no exp': without('exp'),
    'exp beyond every number': raw((json) => json.replace(/"exp":\d+/, '"exp":1e400')),
    'exp NaN': raw((json) => json.replace(/"exp":\d+/, '"exp":NaN')),
    'no iat': without('iat'),
    'iat as text': forge({ iat: String(SECONDS) }),
    'nbf as text': forge({ nbf: String(SECONDS) }),
    'nbf in the future': forge({ nbf: SECONDS + 60 }),
    'an exp given first right and then past': raw((json) =>
      json.replace(/}$/, `,"exp":${SECONDS - 1}}`),
    ),

    nothing: '',
    'a dot': '.',
    'two dots': '..',
    'two parts': `${head}.${body}`,
    'four parts': `${minted.accessToken}.${signature}`,
    'five parts, as JWE has': `${head}.${body}.${signature}.${body}.${signature}`,
    'the JSON serialisation': JSON.stringify({ protected: head, payload: body, signature }),
    'the general JSON serialisation': JSON.stringify({
      payload: body,
      signatures: [{ protected: head, signature }],
    }),
    'no signature': `${head}.${body}.`,
    'a cut signature': minted.accessToken.slice(0, -2),
    'a signature of zeros': `${head}.${body}.${'A'.repeat(86)}`,
    'a signature of another token': `${head}.${body}.${minted.idToken.split('.')[2]}`,
    'the payload of another token': `${head}.${minted.idToken.split('.')[1]}.${signature}`,
    'an empty payload': `${head}..${signature}`,
    'a payload that is a list': signEs256(access.header, '[]', ours),
    'a payload that is no JSON': signEs256(access.header, 'exp', ours),
    'a payload that is not UTF-8': signEs256(access.header, '\ud800', ours),
    'a header that is a list': signEs256('[]', access.payload, ours),
    'a header that is no JSON': signEs256('alg', access.payload, ours),
    'padding behind': `${minted.accessToken}==`,
    'padding within': `${head}==.${body}.${signature}`,
    'garbage behind': `${minted.accessToken}x!`,
    'a line break behind': `${minted.accessToken}\n`,
    'a blank before': ` ${minted.accessToken}`,
    'letters that are not ASCII': `${head}\u00e9.${body}.${signature}`,
    'more than 4096 characters': forge({ padding: 'p'.repeat(4096) }),
  };

  it.each(Object.entries(tokens))('%s', async (_, token) => {
    expect(await verifyAccessToken(context, token)).toBeNull();
  });

  it.each([
    ['a foreign key', signEs256(id.header, id.payload, foreign)],
    ['alg none', `${encodePart({ ...id.header, alg: 'none' })}.${encodePart(id.payload)}.`],
    ['another issuer', forgeId({ iss: `${ISSUER}/` })],
    ['no exp', forgeId({ exp: undefined })],
    ['exp as text', forgeId({ exp: '1' })],
    ['no tenant', forgeId({ tenant: undefined })],
    ['tenant as a number', forgeId({ tenant: 1 })],
    ['sub as a number', forgeId({ sub: 1 })],
    ['more than 8192 characters', forgeId({ name: 'n'.repeat(8192) })],
    ['nothing', ''],
  ])('an ID token with %s', async (_, token) => {
    expect(await verifyIdToken(context, token)).toBeNull();
    expect(await verifyExpiredIdToken(context, token)).toBeNull();
  });

  it.each([
    ['audiences as a list', { aud: ['client-1'] }],
    ['no audience', { aud: undefined }],
    ['no family', { fam: undefined }],
    ['no place', { place: undefined }],
    ['no version', { pwv: undefined }],
  ])('a live ID token with %s', async (_, claims) => {
    expect(await verifyIdToken(context, forgeId(claims))).toBeNull();
  });

  it('any token in which one character is another, with null and never an exception', async () => {
    const characters = fc.constantFrom(...'ABCxyz019-_.=+/ \u00e9\u{1f600}"{');
    const position = fc.nat(minted.accessToken.length - 1);
    await fc.assert(
      fc.asyncProperty(position, characters, async (at, character) => {
        const token = minted.accessToken;
        const changed = `${token.slice(0, at)}${character}${token.slice(at + 1)}`;
        fc.pre(changed !== token && !isSameSignature(changed, token));
        expect(await verifyAccessToken(context, changed)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

/** The last character holds bits that no byte takes: base64url has several spellings of the same signature. */
function isSameSignature(a: string, b: string): boolean {
  const read = (token: string) =>
    Buffer.from(/^.{85}[\w-]$/.test(token.slice(-86)) ? token.slice(-86) : '', 'base64url');
  return a.slice(0, -1) === b.slice(0, -1) && read(a).equals(read(b));
}
