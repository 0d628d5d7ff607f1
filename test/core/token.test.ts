// Our tokens: what they say, when they end, and what rotation does to them.
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../src/core/keyring.ts';
import { readOpaquePlace } from '../../src/core/opaque.ts';
import {
  deriveSuccessors,
  mintTokens,
  type TokenContext,
  verifyAccessToken,
  verifyExpiredIdToken,
  verifyIdToken,
} from '../../src/core/token.ts';
import { decodeJws } from '../support/jws.ts';
import { makeKeySecrets, makePepper, platformRandom } from '../support/secrets.ts';
import {
  CLAIMS,
  context,
  ISSUER,
  LIFE,
  NOW,
  next,
  ours,
  SECONDS,
  SUBJECT,
  secrets,
} from '../support/tokens.ts';

const minted = await mintTokens(context, platformRandom, SUBJECT);
const access = decodeJws(minted.accessToken);
const id = decodeJws(minted.idToken);
const at = (now: number): TokenContext => ({ ...context, now });

describe('a minted pair', () => {
  it('is signed with ES256 by the first key, typed, under its thumbprint', async () => {
    const [first] = await context.keyring.publicKeys(NOW);
    expect(access.header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: first?.kid });
    expect(id.header).toEqual({ alg: 'ES256', typ: 'JWT', kid: first?.kid });
    expect(minted.expiresIn).toBe(LIFE);
  });

  it('says who may use it, where, for how long, and nothing else', () => {
    const shared = {
      iss: ISSUER,
      sub: 'user-1',
      iat: SECONDS,
      exp: SECONDS + LIFE,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      tenant: 'db-eu_tenant',
      place: 'db-eu',
      pwv: 3,
      fam: 'family-1',
    };
    expect(access.payload).toEqual({
      ...shared,
      aud: 'db-eu_tenant',
      client_id: 'client-1',
    });
    expect(id.payload).toEqual({
      ...shared,
      aud: 'client-1',
      preferred_username: 'mike',
      email: 'mike@mail.example',
      name: 'Mike',
    });
    expect(id.payload['jti']).not.toBe(access.payload['jti']);
  });

  it('leaves out the names that the account has not', async () => {
    const account = { ...SUBJECT.account, username: null, email: null, name: null };
    const { idToken } = await mintTokens(context, platformRandom, { ...SUBJECT, account });
    const { payload } = decodeJws(idToken);
    expect(Object.keys(payload).sort()).toEqual(
      ['aud', 'exp', 'fam', 'iat', 'iss', 'jti', 'place', 'pwv', 'sub', 'tenant'].sort(),
    );
  });

  it('is honoured as what it is', async () => {
    expect(await verifyAccessToken(context, minted.accessToken)).toEqual(CLAIMS);
    expect(await verifyExpiredIdToken(context, minted.idToken)).toEqual({
      tenantId: 'db-eu_tenant',
      userId: 'user-1',
    });
    const { idToken } = minted;
    expect(await verifyIdToken(context, idToken)).toEqual({ ...CLAIMS, clientId: 'client-1' });
  });

  it('is honoured for the longest names that an account may have', async () => {
    const account = {
      ...SUBJECT.account,
      userId: '\u{1f600}'.repeat(200),
      username: '\u{1f600}'.repeat(200),
      email: `${'\u{1f600}'.repeat(318)}@a`,
      name: '\u{1f600}'.repeat(200),
    };
    const pair = await mintTokens(context, platformRandom, { ...SUBJECT, account });
    expect(await verifyAccessToken(context, pair.accessToken)).not.toBeNull();
    expect(await verifyExpiredIdToken(context, pair.idToken)).not.toBeNull();
  });
});

describe('time', () => {
  it.each([
    [NOW, true],
    [NOW + LIFE * 1000 - 1, true],
    [NOW + LIFE * 1000, false],
    [NOW + 10 * LIFE * 1000, false],
  ])('an access token at %i is honoured: %s', async (now, isLive) => {
    expect((await verifyAccessToken(at(now), minted.accessToken)) !== null).toBe(isLive);
    expect((await verifyIdToken(at(now), minted.idToken)) !== null).toBe(isLive);
  });

  it('does not end what an ID token says of its owner', async () => {
    const later = at(NOW + 365 * 86_400_000);
    expect(await verifyExpiredIdToken(later, minted.idToken)).toMatchObject({ userId: 'user-1' });
  });
});

describe('types are not mixed up', () => {
  it('an ID token is no access token', async () => {
    expect(await verifyAccessToken(context, minted.idToken)).toBeNull();
  });

  it('an access token is no ID token', async () => {
    expect(await verifyExpiredIdToken(context, minted.accessToken)).toBeNull();
    expect(await verifyIdToken(context, minted.accessToken)).toBeNull();
  });
});

describe('rotation', () => {
  const withKeys = (...signingKeys: (typeof ours)[]): TokenContext => ({
    ...context,
    keyring: createKeyring({ ...secrets, signingKeys }),
  });

  it('honours a token of the key that was active before', async () => {
    expect(await verifyAccessToken(withKeys(next, ours), minted.accessToken)).toEqual(CLAIMS);
  });

  it('honours a token of the next key, which is already published', async () => {
    const rotated = await mintTokens(withKeys(next, ours), platformRandom, SUBJECT);
    expect(await verifyAccessToken(context, rotated.accessToken)).toEqual(CLAIMS);
    const kids = (await context.keyring.publicKeys(NOW)).map((jwk) => jwk.kid);
    expect(kids).toContain(decodeJws(rotated.accessToken).header['kid']);
  });

  it('ends the tokens of a removed key', async () => {
    const removed = withKeys(next);
    expect(await verifyAccessToken(removed, minted.accessToken)).toBeNull();
    expect(await verifyExpiredIdToken(removed, minted.idToken)).toBeNull();
  });
});

describe('the successor of a refresh token', () => {
  const derive = async (token: string, by = context.keyring) => {
    const [successor] = await deriveSuccessors(by, 'db-eu', token);
    return successor?.token ?? '';
  };

  it('is the same at each retry, lives in the same place, and is not the token', async () => {
    const successor = await derive('rkr_db-eu_token');
    expect(await derive('rkr_db-eu_token')).toBe(successor);
    expect(readOpaquePlace('refresh', successor)).toBe('db-eu');
    expect(successor).not.toContain('token');
  });

  it('is another for another token or key', async () => {
    const successor = await derive('rkr_db-eu_token');
    expect(await derive('rkr_db-eu_tokem')).not.toBe(successor);
    expect(await derive('rkr_db-eu_token', createKeyring(makeKeySecrets()))).not.toBe(successor);
  });

  it('is told for every key, so that a retry after a rotation finds the one of then', async () => {
    const macKeys = [makePepper('m2'), makePepper('m3'), ...secrets.macKeys];
    const rotated = createKeyring({ ...secrets, macKeys });
    const successors = await deriveSuccessors(rotated, 'db-eu', 'rkr_db-eu_token');
    expect(successors.map(({ keyId }) => keyId)).toEqual(['m2', 'm3', 'm1']);
    expect(successors[2]?.token).toBe(await derive('rkr_db-eu_token'));
    expect(new Set(successors.map(({ token }) => token)).size).toBe(3);
  });
});
