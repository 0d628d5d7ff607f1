// A login session: what was checked of a user and when, for a login page to build on. It opens no door here.
import { equalBytes, utf8 } from './bytes.ts';
import { hasScope, isSelf } from './caller.ts';
import type { Failure } from './failure.ts';
import type { Principal } from './store.ts';

export interface LoginSession {
  readonly id: string;
  readonly userId: string;
  /** Whose budget of guesses its password checks are counted in. */
  readonly subject: string;
  readonly tokenHash: string;
  /** 1 at creation, +1 with each update. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly changedAt: number;
  /** null: it has no end of its own. */
  readonly expiresAt: number | null;
  readonly userVerifiedAt: number;
  readonly passwordVerifiedAt: number | null;
  /** As the caller described it. JSON. */
  readonly userAgent: string | null;
  /** Values in base64. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Who shows the newest token may use the session; without one, its user and who has the scope over all users. */
export function refuseSession(
  session: LoginSession | null,
  principal: Principal,
  tokenHash: string | null,
  scope: 'user.read' | 'user.write',
): Failure | null {
  if (tokenHash !== null) {
    if (session === null) return { kind: 'session-refused', fault: 'unknown' };
    const isNewest = equalBytes(utf8(session.tokenHash), utf8(tokenHash));
    return isNewest ? null : { kind: 'session-refused', fault: 'token' };
  }
  const isOwn = session !== null && isSelf(principal, session.userId);
  if (!isOwn && !hasScope(principal, scope)) {
    return { kind: 'not-permitted', member: principal.kind === 'key' };
  }
  return session === null ? { kind: 'session-refused', fault: 'unknown' } : null;
}
