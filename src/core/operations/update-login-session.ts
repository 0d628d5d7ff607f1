// A login session gets another check, another life or other metadata, and a new token each time.
import type { NamedUser } from '../account.ts';
import { type Caller, openFor } from '../caller.ts';
import { commitOnce, describeCommit, describeLoss } from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeGuess } from '../guess.ts';
import { refuseSession } from '../login-session.ts';
import { drawOpaque, hashOpaque } from '../opaque.ts';
import { findPasswordFault } from '../password/text.ts';
import { giveBackAttempt } from '../refusal.ts';
import { fail, ok, type Result } from '../result.ts';
import { checkUser, describeCheck, findBar, isNamed } from '../session-check.ts';
import type { Opened } from '../store.ts';
import type { IssuedLoginSession } from './create-login-session.ts';

/** Of all keys and values together: as much as one request can bring. */
const MAX_METADATA_LENGTH = 16 * 1024;

export interface UpdateLoginSession {
  readonly caller: Caller;
  readonly sessionId: string;
  /** null: the caller's own permission must do. */
  readonly token: string | null;
  /** When given, it must be the session's. */
  readonly user: NamedUser | null;
  /** null: not to be checked. */
  readonly password: string | null;
  /** Milliseconds from now; null: as it was. */
  readonly lifetime: number | null;
  /** Values in base64; null ends a key. */
  readonly metadata: Readonly<Record<string, string | null>>;
}

export async function updateLoginSession(
  core: Core,
  command: UpdateLoginSession,
): Promise<Result<IssuedLoginSession, Failure>> {
  const now = core.ports.clock.now();
  const { sessionId, password } = command;
  const tokenHash = command.token === null ? null : await hashOpaque(command.token);
  const isGuess = password !== null && findPasswordFault(password) === null;
  const found = await openFor(
    core,
    command.caller,
    {
      loginSession: { id: sessionId, tokenHash },
      ...(isGuess ? { attempt: await describeGuess(core, null) } : {}),
    },
    now,
  );
  if (!found.ok) return found;
  const opened = found.value;
  const session = opened.loginSession;
  const refused = findRefusal(opened, command, tokenHash, now);
  if (session === null || refused !== null) {
    await giveBackAttempt(core, opened, now);
    return fail(refused ?? { kind: 'session-refused', fault: 'unknown' });
  }
  const checked = await checkUser(core, opened, password, now);
  if (!checked.ok) return checked;
  const { user, writes } = checked.value;

  const token = drawOpaque('login-session', opened.place, core.ports.random);
  const update: Write = {
    kind: 'update-login-session',
    id: sessionId,
    tokenHash: await hashOpaque(token),
    passwordVerifiedAt: password === null ? null : now,
    expiresAt: command.lifetime === null ? null : now + command.lifetime,
    metadata: command.metadata,
  };
  const events = password === null ? [] : [describeCheck(opened, session.userId, ['password'])];
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [...writes, update, ...events],
  });
  if (!committed.won) return fail(describeLoss(committed));
  const sequence = committed.sessionSequence ?? 0;
  return ok({ tenantId: opened.tenant.id, sessionId, token, sequence, changedAt: now });
}

/** What can be told without a derivation: then no guess was made. */
function findRefusal(
  opened: Opened,
  command: UpdateLoginSession,
  tokenHash: string | null,
  now: number,
): Failure | null {
  const { loginSession, principal, account } = opened;
  const refused = refuseSession(loginSession, principal, tokenHash, 'user.write');
  if (refused !== null) return refused;
  const expiresAt = loginSession?.expiresAt ?? null;
  if (expiresAt !== null && expiresAt <= now) return { kind: 'session-refused', fault: 'expired' };
  const { user, password } = command;
  if (user !== null && (account === null || !isNamed(account, user))) {
    return { kind: 'session-refused', fault: 'user' };
  }
  const metadata = { ...loginSession?.metadata, ...command.metadata };
  if (JSON.stringify(metadata).length > MAX_METADATA_LENGTH) {
    return { kind: 'session-refused', fault: 'metadata' };
  }
  return findBar(opened, password !== null);
}
