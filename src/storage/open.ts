// What a trip that opens a request asks for, and what its row says.
import type { Allowance, Pace } from '../core/pace.ts';
import type { CallerClaim, Opened, OpenRequest } from '../core/store.ts';
import type { Attempt, Grant } from '../core/throttle.ts';
import type { ChainHead } from './event.ts';
import { planFlood, readFlood, readTaken } from './flood.ts';
import {
  NO_PROOFS,
  type OpenRow,
  type ProofsRow,
  readAccountRow,
  readCredentialRow,
  readPrincipal,
  readProofs,
  readTenantRow,
} from './rows.ts';
import { ADMIT } from './sql-callers.ts';
import { MISS, OPEN, OPEN_WITH_PROOFS } from './sql-open.ts';
import type { Bound } from './statement.ts';

interface ReservedRow {
  readonly subject: string;
  readonly reserved: number;
  readonly failures: number;
}

/** Without a code there are no tries that it could have had too many of. */
const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** `floodAt`, `reserveAt`: where the statements about strangers and about the guess begin, if there are any. */
interface PlannedOpen {
  readonly statements: Bound[];
  /** Whether what is no password is loaded, too: most requests show none, and their statements are the smaller. */
  readonly hasProofs: boolean;
  readonly floodAt: number;
  readonly reserveAt: number;
}

export function planOpen(request: OpenRequest, activityId: string): PlannedOpen {
  const { caller, target, attempt, session, code, loginSession } = request;
  const values = callerValues(request, activityId);
  const loginName = target !== undefined && 'loginName' in target ? target.loginName : null;
  const purposes = code?.purposes ?? request.outstanding;
  const hasProofs = [session, purposes, loginSession].some((shown) => shown !== undefined);
  const sql = (hasProofs ? OPEN_WITH_PROOFS : OPEN)[caller.kind];
  const user = [
    ...values,
    attempt?.subject ?? null,
    loginName,
    attempt?.source ?? null,
    request.now - (attempt?.laneLife ?? 0),
  ];
  const statements: Bound[] = [];
  if (session !== undefined) {
    statements.push({
      sql: MISS[caller.kind].countChallengeMiss,
      values: [...values, session.hash, session.maxTries],
    });
  }
  if (code !== undefined) {
    statements.push({
      sql: MISS[caller.kind].countCodeMiss,
      values: [
        ...values,
        JSON.stringify(code.purposes),
        JSON.stringify(code.macs),
        code.maxTries,
        loginName,
      ],
    });
  }
  const floodAt = statements.length;
  statements.push(...planFlood(request, values, loginName, activityId));
  const reserveAt = statements.length;
  if (attempt !== undefined) {
    const { limit, firstWait, longestWait } = attempt.rule;
    const letInAs = request.flood === undefined ? null : activityId;
    const reserved = [...user, limit, firstWait, longestWait, letInAs];
    const ofSession = [...reserved, loginSession?.id ?? null, loginSession?.tokenHash ?? null];
    statements.push({ sql: sql.reserveAttempt, values: hasProofs ? ofSession : reserved });
    // With a session it names no limit and no wait, but what comes after them: D1 wants a value for every number.
    statements.push({ sql: sql.countInLane, values: hasProofs ? ofSession : user });
  }
  const shown = [
    session?.hash ?? null,
    purposes === undefined ? null : JSON.stringify(purposes),
    code === undefined ? null : JSON.stringify(code.macs),
    code?.maxTries ?? MAX_INTEGER,
    loginSession?.id ?? null,
  ];
  statements.push({ sql: sql.load, values: hasProofs ? [...user, ...shown] : user });
  return { statements, hasProofs, floodAt, reserveAt };
}

/** ?1 to ?15 of every statement that proves its caller. */
export function callerValues(request: OpenRequest, activityId: string): (string | number | null)[] {
  const { caller, now, target } = request;
  const tenancy = 'tenancy' in caller ? caller.tenancy : null;
  const isToken = caller.kind === 'token';
  return [
    caller.kind === 'key' ? caller.keyHash : 'tenantId' in caller ? caller.tenantId : null,
    tenancy?.clientId ?? null,
    tenancy?.clientCode ?? null,
    tenancy?.database ?? null,
    'organisationId' in caller ? caller.organisationId : null,
    isToken ? caller.userId : caller.kind === 'key' ? caller.scope : null,
    isToken ? caller.familyId : null,
    isToken ? caller.version : null,
    'host' in caller ? caller.host : null,
    now,
    target !== undefined && 'userId' in target ? target.userId : null,
    request.actors === 'self-or-admin' ? 1 : 0,
    request.repeatSince ?? null,
    isToken ? (caller.key?.hash ?? null) : null,
    readPacedKey(caller) === null ? null : activityId,
  ];
}

/** The bucket that the statement before all others asks; null when the caller has none. */
export function planAdmission(
  { caller, now }: OpenRequest,
  activityId: string,
): { readonly statement: Bound; readonly pace: Pace } | null {
  const paced = readPacedKey(caller);
  if (paced === null) return null;
  const { hash, pace } = paced;
  const values = [hash, now, pace.interval, pace.span, activityId];
  return { statement: { sql: ADMIT, values }, pace };
}

function readPacedKey(caller: CallerClaim): { readonly hash: string; readonly pace: Pace } | null {
  if (caller.kind === 'token') return caller.key;
  const isPaced = caller.kind === 'key' && caller.pace !== null;
  return isPaced ? { hash: caller.keyHash, pace: caller.pace } : null;
}

/** `results`: of the statements about strangers, and of the two that reserve a guess. */
function readAttempt(
  row: OpenRow,
  { now, flood }: OpenRequest,
  floods: readonly D1Result[],
  results: readonly D1Result[],
): Attempt {
  const [reserved] = (results[0]?.results ?? []) as readonly ReservedRow[];
  if (reserved === undefined) return { kind: 'blocked', until: row.blocked_until ?? now };
  const [lane = null] = (results[1]?.results ?? []) as readonly Grant['lane'][];
  const { subject, reserved: serial, failures } = reserved;
  return { kind: 'granted', subject, serial, failures, lane, taken: readTaken(flood, floods) };
}

/** null: there is no such user, or its newest event waits for its link. */
export function readHead({
  tenant_id: tenantId,
  user_id: userId,
  head,
}: OpenRow): ChainHead | null {
  if (userId === null || head === null) return null;
  const [sequence, link] = JSON.parse(head) as [number, string | null];
  return link === null ? null : { tenantId, userId, sequence, link };
}

export function readOpened(
  row: OpenRow,
  request: OpenRequest,
  { hasProofs, floodAt, reserveAt }: PlannedOpen,
  results: readonly D1Result[],
): Opened {
  const floods = results.slice(floodAt, reserveAt);
  const attempt =
    request.attempt === undefined
      ? null
      : readAttempt(row, request, floods, results.slice(reserveAt, reserveAt + 2));
  return {
    place: request.caller.place,
    tenant: readTenantRow(row),
    principal: readPrincipal(row, request.caller),
    account: readAccountRow(row),
    credential: readCredentialRow(row),
    floodedUntil: readFlood(request.flood, floods),
    attempt,
    ...(hasProofs ? readProofs(row as ProofsRow) : NO_PROOFS),
    history: JSON.parse(row.password_history) as string[],
  };
}

/** `fullAt`: when the bucket is full again, this request counted when it was let in. */
export function readAllowance(
  pace: Pace,
  fullAt: number,
  isAdmitted: boolean,
  now: number,
): Allowance {
  const fullAfter = Math.max(0, fullAt - now);
  const missing = fullAfter - (pace.span - pace.interval);
  return {
    pace,
    remaining: Math.max(0, Math.floor((pace.span - fullAfter) / pace.interval)),
    fullAfter,
    retryAfter: isAdmitted ? 0 : Math.max(1, Math.ceil(missing / 1000)),
  };
}
