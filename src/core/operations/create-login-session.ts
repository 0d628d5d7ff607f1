// A login session is made for a user who is named, with the password checked or not yet.
import type { NamedUser } from '../account.ts';
import { normaliseLoginName } from '../account.ts';
import { toBase64Url } from '../bytes.ts';
import { type Caller, hasScope, isSelf, openFor } from '../caller.ts';
import { commitOnce, describeCommit, describeLoss } from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeGuess } from '../guess.ts';
import { drawOpaque, hashOpaque } from '../opaque.ts';
import { findPasswordFault } from '../password/text.ts';
import { giveBackAttempt } from '../refusal.ts';
import { fail, ok, type Result } from '../result.ts';
import { checkUser, describeCheck, findBar } from '../session-check.ts';
import { computeThrottleSubject } from '../throttle.ts';

export interface CreateLoginSession {
  readonly caller: Caller;
  readonly user: NamedUser;
  /** null: not checked yet. */
  readonly password: string | null;
  /** Milliseconds; null: no end of its own. */
  readonly lifetime: number | null;
  /** JSON. */
  readonly userAgent: string | null;
  /** Values in base64. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface IssuedLoginSession {
  readonly tenantId: string;
  readonly sessionId: string;
  /** Shown this once. */
  readonly token: string;
  /** The session's. */
  readonly sequence: number;
  /** Milliseconds. */
  readonly changedAt: number;
}

const ID_BYTES = 16;

export async function createLoginSession(
  core: Core,
  command: CreateLoginSession,
): Promise<Result<IssuedLoginSession, Failure>> {
  const now = core.ports.clock.now();
  const { user: named, password } = command;
  const submitted = 'userId' in named ? named.userId : named.loginName;
  const isGuess = password !== null && findPasswordFault(password) === null;
  const found = await openFor(
    core,
    command.caller,
    {
      target: 'userId' in named ? named : { loginName: normaliseLoginName(submitted) },
      ...(isGuess ? { attempt: await describeGuess(core, submitted) } : {}),
    },
    now,
  );
  if (!found.ok) return found;
  const opened = found.value;
  const { principal, tenant } = opened;
  const mayKnow =
    hasScope(principal, 'user.read') || isSelf(principal, opened.account?.userId ?? submitted);
  // A session without a proof would tell whether there is such a user.
  if (!mayKnow && password === null) {
    return fail({ kind: 'not-permitted', member: principal.kind === 'key' });
  }
  const bar = mayKnow ? findBar(opened, password !== null) : null;
  if (bar !== null) {
    await giveBackAttempt(core, opened, now);
    return fail(bar);
  }
  const checked = await checkUser(core, opened, password, now);
  if (!checked.ok) return checked;
  const { user, writes } = checked.value;

  const sessionId = toBase64Url(core.ports.random.bytes(ID_BYTES));
  const token = drawOpaque('login-session', opened.place, core.ports.random);
  const { userId } = user.account;
  const open: Write = {
    kind: 'open-login-session',
    session: {
      id: sessionId,
      subject: await computeThrottleSubject(core.config.keyring, userId),
      tokenHash: await hashOpaque(token),
      createdAt: now,
      expiresAt: command.lifetime === null ? null : now + command.lifetime,
      userVerifiedAt: now,
      passwordVerifiedAt: password === null ? null : now,
      userAgent: command.userAgent,
      metadata: command.metadata,
    },
  };
  const factors = password === null ? ['user'] : ['user', 'password'];
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [...writes, open, describeCheck(opened, userId, factors)],
  });
  if (!committed.won) return fail(describeLoss(committed));
  const sequence = committed.sessionSequence ?? 0;
  return ok({ tenantId: tenant.id, sessionId, token, sequence, changedAt: now });
}
