// Login sessions are looked up: one by who holds its token, all by who may read users, and one's own.
import { type Caller, explainRefusal, hasScope, isSelf, resolveCaller } from '../caller.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { refuseSession } from '../login-session.ts';
import { hashOpaque } from '../opaque.ts';
import { fail, ok, type Result } from '../result.ts';
import type { LoginSessionView } from '../store.ts';
import type { Page } from './find-users.ts';

export interface ReadLoginSession {
  readonly caller: Caller;
  readonly sessionId: string;
  /** null: the caller's own permission must do. */
  readonly token: string | null;
}

export interface FoundLoginSession extends LoginSessionView {
  readonly tenantId: string;
}

export async function readLoginSession(
  core: Core,
  command: ReadLoginSession,
): Promise<Result<FoundLoginSession, Failure>> {
  const now = core.ports.clock.now();
  const { sessionId, token } = command;
  const claim = await resolveCaller(core, command.caller);
  if (claim === null) return fail({ kind: 'caller-refused' });
  const keys = { ids: [sessionId], userIds: [] };
  const looked = await core.ports.store.findLoginSessions(claim, now, { keys });
  if (looked === null) return fail(await explainRefusal(core, claim, now));
  const found = looked.rows[0];
  const tokenHash = token === null ? null : await hashOpaque(token);
  const refused = refuseSession(found?.session ?? null, looked.principal, tokenHash, 'user.read');
  if (refused !== null) return fail(refused);
  if (found === undefined) return fail({ kind: 'session-refused', fault: 'unknown' });
  return ok({ ...found, tenantId: looked.tenant.id });
}

export interface FindLoginSessions {
  readonly caller: Caller;
  /** null: whatever the id. */
  readonly ids: readonly string[] | null;
  /** null: whoever the user. */
  readonly userIds: readonly string[] | null;
  readonly page: Page;
}

export interface FoundLoginSessions {
  readonly tenantId: string;
  /** In the order in which they were made. */
  readonly sessions: readonly LoginSessionView[];
  /** How many there are on all pages. */
  readonly total: number;
  /** Milliseconds. */
  readonly readAt: number;
}

export async function findLoginSessions(
  core: Core,
  command: FindLoginSessions,
): Promise<Result<FoundLoginSessions, Failure>> {
  const now = core.ports.clock.now();
  const { ids, userIds, page } = command;
  const claim = await resolveCaller(core, command.caller);
  if (claim === null) return fail({ kind: 'caller-refused' });
  const { store } = core.ports;
  const isPaged = ids === null && userIds === null;
  const keys = { ids: ids ?? [], userIds: ids === null ? (userIds ?? []) : [] };
  const looked = await store.findLoginSessions(claim, now, isPaged ? { page } : { keys });
  if (looked === null) return fail(await explainRefusal(core, claim, now));
  const { principal, tenant } = looked;
  const answer = (sessions: readonly LoginSessionView[], total: number) =>
    ok({ tenantId: tenant.id, sessions, total, readAt: now });
  const mayRead = hasScope(principal, 'user.read');
  if (isPaged && mayRead) return answer(looked.rows, looked.total);
  const own = { ids: [], userIds: principal.kind === 'user' ? [principal.userId] : [] };
  const rows = isPaged
    ? (await store.findLoginSessions(claim, now, { keys: own }))?.rows
    : looked.rows;
  const sessions = (rows ?? [])
    .filter(({ session }) => mayRead || isSelf(principal, session.userId))
    .filter(({ session }) => userIds === null || userIds.includes(session.userId))
    .sort((a, b) => compareAge(a, b) * (page.ascending ? 1 : -1));
  return answer(sessions.slice(page.offset, page.offset + page.limit), sessions.length);
}

function compareAge({ session: a }: LoginSessionView, { session: b }: LoginSessionView): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
