// Our JWTs (RFC 9068 for access tokens) and the refresh tokens beside them.
import { CompactSign, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Account } from './account.ts';
import { toBase64Url, utf8 } from './bytes.ts';
import type { Keyring } from './keyring.ts';
import { formatOpaque } from './opaque.ts';
import type { Place } from './place.ts';
import type { Random } from './ports.ts';
import { SIGNING_ALGORITHM } from './signing-keys.ts';
import type { Tenant } from './tenant.ts';

const ACCESS_TYPE = 'at+jwt';
const ID_TYPE = 'JWT';
const ID_BYTES = 16;
/** Longer ones are not ours, and are refused before any parsing. ID tokens carry the names of their user. */
const MAX_ACCESS_TOKEN_LENGTH = 4096;
const MAX_ID_TOKEN_LENGTH = 8192;
/** Three parts, the last an ES256 signature: the library also reads past padding and blanks. */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]{86}$/;

export interface TokenPair {
  readonly accessToken: string;
  readonly idToken: string;
  /** Seconds that both live. */
  readonly expiresIn: number;
}

export interface TokenSubject {
  readonly place: Place;
  readonly tenant: Tenant;
  readonly account: Account;
  readonly familyId: string;
  /** The credential version that the family was made under. */
  readonly version: number;
}

/** What a verified token says. Whether its family still lives is for the store to tell. */
export interface TokenClaims {
  readonly place: Place;
  readonly tenantId: string;
  readonly userId: string;
  readonly familyId: string;
  readonly version: number;
}

export interface TokenContext {
  readonly keyring: Keyring;
  readonly issuer: string;
  /** Milliseconds. */
  readonly now: number;
}

export async function mintTokens(
  context: TokenContext,
  random: Random,
  subject: TokenSubject,
): Promise<TokenPair> {
  const { tenant, account } = subject;
  const bound = {
    tenant: tenant.id,
    place: subject.place,
    pwv: subject.version,
    fam: subject.familyId,
  };
  const sign = async (typ: string, audience: string, claims: JWTPayload) => {
    const { kid, key } = await context.keyring.signingKey();
    const issuedAt = Math.floor(context.now / 1000);
    const payload: JWTPayload = {
      ...bound,
      ...claims,
      iss: context.issuer,
      aud: audience,
      sub: account.userId,
      iat: issuedAt,
      exp: issuedAt + tenant.settings.accessTokenLife,
      jti: toBase64Url(random.bytes(ID_BYTES)),
    };
    return new CompactSign(utf8(JSON.stringify(payload)))
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ, kid })
      .sign(key);
  };
  return {
    accessToken: await sign(ACCESS_TYPE, tenant.id, { client_id: tenant.clientId }),
    idToken: await sign(ID_TYPE, tenant.clientId, listProfileClaims(account)),
    expiresIn: tenant.settings.accessTokenLife,
  };
}

/** null for whatever is not a live access token of ours. */
export async function verifyAccessToken(
  context: TokenContext,
  token: string,
): Promise<TokenClaims | null> {
  if (token.length > MAX_ACCESS_TOKEN_LENGTH) return null;
  const payload = await verify(context, token, ACCESS_TYPE, new Date(context.now));
  const claims = payload && readClaims(payload);
  return claims !== null && payload?.aud === claims.tenantId ? claims : null;
}

/** A live ID token, for the one dialect that shows it as its Bearer token. Its audience is for the store to compare. */
export async function verifyIdToken(
  context: TokenContext,
  token: string,
): Promise<(TokenClaims & { readonly clientId: string }) | null> {
  if (token.length > MAX_ID_TOKEN_LENGTH) return null;
  const payload = await verify(context, token, ID_TYPE, new Date(context.now));
  const claims = payload && readClaims(payload);
  if (claims === null || typeof payload?.aud !== 'string') return null;
  return { ...claims, clientId: payload.aud };
}

function readClaims(payload: JWTPayload): TokenClaims | null {
  const { sub } = payload;
  const { tenant, place, pwv, fam } = payload as Record<string, unknown>;
  if (typeof sub !== 'string' || typeof tenant !== 'string') return null;
  if (typeof place !== 'string' || typeof fam !== 'string' || typeof pwv !== 'number') return null;
  return { place, tenantId: tenant, userId: sub, familyId: fam, version: pwv };
}

/** Whose ID token it is, expired or not: a refresh shows the old one. null when it is none of ours. */
export async function verifyExpiredIdToken(
  context: TokenContext,
  token: string,
): Promise<{ readonly tenantId: string; readonly userId: string } | null> {
  if (token.length > MAX_ID_TOKEN_LENGTH) return null;
  // Judged as at the beginning of time, since having expired is what it is here for.
  const payload = await verify(context, token, ID_TYPE, new Date(0));
  const { tenant } = (payload ?? {}) as Record<string, unknown>;
  if (typeof payload?.sub !== 'string' || typeof tenant !== 'string') return null;
  return { tenantId: tenant, userId: payload.sub };
}

export interface Successor {
  readonly keyId: string;
  readonly token: string;
}

/**
 * Derived, so that a retry of a refresh whose reply was lost gets the same successor: the one under the key that the
 * token's row names, whichever key is active by now. One for each key, the active one's first.
 */
export async function deriveSuccessors(
  keyring: Keyring,
  place: Place,
  token: string,
): Promise<readonly Successor[]> {
  const macs = await keyring.macs('refresh-successor', token);
  return macs.map(({ keyId, mac }) => ({ keyId, token: formatOpaque('refresh', place, mac) }));
}

async function verify(
  context: TokenContext,
  token: string,
  typ: string,
  currentDate: Date,
): Promise<JWTPayload | null> {
  if (!COMPACT_FORM.test(token)) return null;
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = await context.keyring.verificationKey(kid ?? '', currentDate.getTime());
        if (key === null) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: [SIGNING_ALGORITHM],
        issuer: context.issuer,
        typ,
        currentDate,
        requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'jti'],
      },
    );
    // 1e400 is a number to JSON, and never comes.
    const isDated = Number.isSafeInteger(payload.exp) && Number.isSafeInteger(payload.iat);
    return isDated ? payload : null;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

function listProfileClaims(account: Account): JWTPayload {
  return {
    ...(account.username === null ? {} : { preferred_username: account.username }),
    ...(account.email === null ? {} : { email: account.email }),
    ...(account.name === null ? {} : { name: account.name }),
  };
}
