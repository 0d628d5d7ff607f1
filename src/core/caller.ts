// Turns what a request shows about its caller into a claim that the store can prove in one trip.

import type { Actor } from './audit.ts';
import type { Core } from './context.ts';
import type { Failure } from './failure.ts';
import { describeFlood } from './flood.ts';
import { hashOpaque, readOpaquePlace } from './opaque.ts';
import { KEY_PACE } from './pace.ts';
import { findOrganisationPlace, findPlace, isMappedElsewhere } from './place.ts';
import { fail, ok, type Result } from './result.ts';
import type { CallerClaim, Opened, OpenRequest, Principal } from './store.ts';
import type { Tenancy } from './tenant.ts';
import { readRetryAfter } from './throttle.ts';
import { verifyAccessToken, verifyIdToken } from './token.ts';

/** What a request shows. Values are as received; hosts in lower case and without port. */
export type Caller =
  /** An API key together with the tenant that it is said to be of. */
  | { readonly kind: 'api-key'; readonly key: string; readonly tenancy: Tenancy }
  /** An ID token of ours beside an API key, and what else names the tenant: VBA's clients show it after the sign-in. */
  | {
      readonly kind: 'id-token';
      readonly key: string;
      readonly token: string;
      readonly tenancy: Pick<Tenancy, 'database'> & Partial<Tenancy>;
    }
  /** An access token of ours. */
  | {
      readonly kind: 'access-token';
      readonly token: string;
      readonly tenancy: Tenancy | null;
      readonly host: string | null;
    }
  /** An API key or an access token of ours. */
  | { readonly kind: 'bearer'; readonly token: string; readonly organisationId: string | null }
  | { readonly kind: 'tenancy'; readonly tenancy: Tenancy }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'operator'; readonly organisationId: string };

/** null when the caller cannot be anyone: then no database is asked at all. */
export async function resolveCaller(core: Core, caller: Caller): Promise<CallerClaim | null> {
  const claim = await readClaim(core, caller);
  // A key says itself where it lives, and so does a token of a place that was taken out of the configuration.
  return claim !== null && core.config.placement.places.includes(claim.place) ? claim : null;
}

async function readClaim(core: Core, caller: Caller): Promise<CallerClaim | null> {
  const { placement } = core.config;
  switch (caller.kind) {
    case 'api-key':
      return claimKey(
        caller.key,
        { tenancy: caller.tenancy, organisationId: null, scope: 'signin', pace: KEY_PACE },
        findTenancyPlace(core, caller.tenancy),
      );
    case 'id-token':
      return claimIdToken(core, caller);
    case 'bearer':
      return readOpaquePlace('api-key', caller.token) === null
        ? claimToken(core, caller.token, null, null, caller.organisationId)
        : claimKey(
            caller.token,
            { tenancy: null, organisationId: caller.organisationId, scope: null, pace: null },
            null,
          );
    case 'access-token':
      return claimToken(core, caller.token, caller.tenancy, caller.host, null);
    case 'tenancy': {
      const place = findTenancyPlace(core, caller.tenancy);
      return place === null ? null : { kind: 'tenancy', place, tenancy: caller.tenancy };
    }
    case 'host': {
      const place = findPlace(placement.hosts, caller.host);
      return place === null ? null : { kind: 'host', place, host: caller.host };
    }
    case 'operator': {
      const place = findOrganisationPlace(placement, caller.organisationId);
      return place === null ? null : { kind: 'operator', place, tenantId: caller.organisationId };
    }
  }
}

/** One trip: proves the caller and loads the rest. */
export async function openFor(
  core: Core,
  caller: Caller | CallerClaim | null,
  request: Omit<OpenRequest, 'caller' | 'now'>,
  now: number,
): Promise<Result<Opened, Failure>> {
  const claim = caller !== null && 'place' in caller ? caller : await claimOf(core, caller);
  if (claim === null) return fail({ kind: 'caller-refused' });
  const asked = { caller: claim, now, ...request };
  const flood = await describeFlood(core, asked);
  const opened = await core.ports.store.open(flood === null ? asked : { ...asked, flood });
  if (opened?.floodedUntil != null) {
    return fail({ kind: 'throttled', retryAfter: readRetryAfter(opened.floodedUntil, now) });
  }
  if (opened !== null) return ok(opened);
  return fail(findPaceFailure(core) ?? (await explainRefusal(core, claim, now)));
}

/** Whose bucket is empty is refused for that, whatever else may be wrong. */
export function findPaceFailure({ ports }: Core): Failure | null {
  const retryAfter = ports.meter.allowance?.retryAfter ?? 0;
  return retryAfter > 0 ? { kind: 'rate-limited', retryAfter } : null;
}

/** Who is refused only for the organisation that the request names is told so. */
export async function explainRefusal(
  core: Core,
  claim: CallerClaim,
  now: number,
): Promise<Failure> {
  const namesOrganisation = 'organisationId' in claim && claim.organisationId !== null;
  const known = namesOrganisation
    ? await core.ports.store.open({ caller: { ...claim, organisationId: null }, now })
    : null;
  return { kind: known === null ? 'caller-refused' : 'organisation-unknown' };
}

function claimOf(core: Core, caller: Caller | null): Promise<CallerClaim | null> | null {
  return caller === null ? null : resolveCaller(core, caller);
}

/** Whether the principal holds a permission over all users of its tenant. An admin holds both. */
export function hasScope(principal: Principal, scope: 'user.read' | 'user.write'): boolean {
  switch (principal.kind) {
    case 'operator':
      return true;
    case 'key':
      // Who may write users may know of them.
      return principal.scopes.includes(scope) || principal.scopes.includes('user.write');
    case 'user':
      return principal.role === 'admin';
    case 'nobody':
      return false;
  }
}

/** The refusal of who may not write users. Of the user's being there it tells nothing. */
export function refuseUnlessWriter(principal: Principal, userId: string): Failure | null {
  if (hasScope(principal, 'user.write')) return null;
  return { kind: 'not-permitted', member: principal.kind === 'key' || isSelf(principal, userId) };
}

export function isSelf(principal: Principal, userId: string): boolean {
  return principal.kind === 'user' && principal.userId === userId;
}

export function describeActor(principal: Principal): Actor {
  switch (principal.kind) {
    case 'user':
      return { kind: principal.role, userId: principal.userId };
    case 'key':
      return { kind: 'key', keyId: principal.keyId };
    case 'operator':
      return { kind: 'operator' };
    case 'nobody':
      return { kind: 'anonymous' };
  }
}

type KeyClaim = Extract<CallerClaim, { kind: 'key' }>;

/** `where`: the place that the request names otherwise; a key of another place is nobody's here. */
async function claimKey(
  key: string,
  demands: Pick<KeyClaim, 'tenancy' | 'organisationId' | 'scope' | 'pace'>,
  where: string | null,
): Promise<KeyClaim | null> {
  const place = readOpaquePlace('api-key', key);
  if (place === null || (demands.tenancy !== null && place !== where)) return null;
  return { kind: 'key', place, keyHash: await hashOpaque(key), ...demands };
}

async function claimToken(
  core: Core,
  token: string,
  tenancy: Tenancy | null,
  host: string | null,
  organisationId: string | null,
): Promise<CallerClaim | null> {
  const claims = await verifyAccessToken(readTokenContext(core), token);
  if (claims === null) return null;
  if (tenancy !== null && findTenancyPlace(core, tenancy) !== claims.place) return null;
  if (host !== null && isMappedElsewhere(core.config.placement.hosts, host, claims.place))
    return null;
  return { kind: 'token', ...claims, tenancy, host, organisationId, key: null };
}

async function claimIdToken(
  core: Core,
  { key, token, tenancy }: Extract<Caller, { kind: 'id-token' }>,
): Promise<CallerClaim | null> {
  const claims = await verifyIdToken(readTokenContext(core), token);
  if (claims === null || readOpaquePlace('api-key', key) !== claims.place) return null;
  if (findTenancyPlace(core, tenancy) !== claims.place) return null;
  const { clientId, ...named } = claims;
  if (tenancy.clientId !== undefined && tenancy.clientId !== clientId) return null;
  return {
    kind: 'token',
    ...named,
    tenancy: { ...tenancy, clientId },
    host: null,
    organisationId: null,
    key: { hash: await hashOpaque(key), pace: KEY_PACE },
  };
}

export function readTokenContext(core: Core) {
  return { keyring: core.config.keyring, issuer: core.config.issuer, now: core.ports.clock.now() };
}

function findTenancyPlace(core: Core, tenancy: Pick<Tenancy, 'database'>): string | null {
  return findPlace(core.config.placement.databases, tenancy.database);
}
