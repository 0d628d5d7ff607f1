// What a trip that opens a request asks for, and what its row says.
import type { Opened, OpenRequest } from '../core/store.ts';
import type { Attempt } from '../core/throttle.ts';
import {
  type OpenRow,
  readAccountRow,
  readChallengeColumns,
  readCodeColumns,
  readCredentialRow,
  readLoginSessionColumns,
  readPrincipal,
  readTenantRow,
} from './rows.ts';
import { OPEN } from './sql-open.ts';
import type { Bound } from './statement.ts';

export function planOpen(request: OpenRequest): { statements: Bound[]; reserveAt: number | null } {
  const { caller, target, attempt, session, code, loginSession } = request;
  const sql = OPEN[caller.kind];
  const values = callerValues(request);
  const loginName = target !== undefined && 'loginName' in target ? target.loginName : null;
  const statements: Bound[] = [];
  if (session !== undefined) {
    statements.push({
      sql: sql.countChallengeMiss,
      values: [...values, session.hash, session.maxTries],
    });
  }
  if (code !== undefined) {
    statements.push({
      sql: sql.countCodeMiss,
      values: [...values, code.purpose, code.mac, code.maxTries],
    });
  }
  const reserveAt = attempt === undefined ? null : statements.length;
  if (attempt !== undefined) {
    const { limit, firstWait, longestWait } = attempt.rule;
    statements.push({
      sql: sql.reserveAttempt,
      values: [
        ...values,
        attempt.subject,
        limit,
        firstWait,
        longestWait,
        loginSession?.id ?? null,
        loginSession?.tokenHash ?? null,
      ],
    });
  }
  statements.push({
    sql: sql.load,
    values: [
      ...values,
      loginName,
      attempt?.subject ?? null,
      session?.hash ?? null,
      code?.purpose ?? null,
      code?.mac ?? null,
      code?.maxTries ?? null,
      loginSession?.id ?? null,
    ],
  });
  return { statements, reserveAt };
}

/** ?1 to ?13 of every statement that proves its caller. */
export function callerValues(request: OpenRequest): (string | number | null)[] {
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
  ];
}

export function readOpened(
  row: OpenRow,
  request: OpenRequest,
  reservation: D1Result | undefined,
): Opened {
  const reserved = reservation?.results[0] as { reserved: number; failures: number } | undefined;
  const attempt: Attempt | null =
    reservation === undefined
      ? null
      : reserved === undefined
        ? { kind: 'blocked', until: row.blocked_until ?? request.now }
        : { kind: 'granted', serial: reserved.reserved, failures: reserved.failures };
  return {
    place: request.caller.place,
    tenant: readTenantRow(row),
    principal: readPrincipal(row, request.caller.kind),
    account: readAccountRow(row),
    credential: readCredentialRow(row),
    attempt,
    challenge: readChallengeColumns(row),
    code: readCodeColumns(row),
    codeOutstandingUntil: row.code_outstanding_until,
    loginSession: readLoginSessionColumns(row),
  };
}
