// Whether a code is right, for a page that asks before it goes on. It spends nothing; a wrong one is a guess.
import { type NamedUser, nameTarget, normaliseTarget } from '../account.ts';
import { type Caller, openFor } from '../caller.ts';
import { describeActorFor, findSubject } from '../change.ts';
import { judgeCode, referToCode } from '../code.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeGuess } from '../guess.ts';
import { giveBackAttempt, recordRefusal } from '../refusal.ts';
import { fail, ok, type Result } from '../result.ts';

export interface CheckCode {
  readonly caller: Caller;
  readonly user: NamedUser;
  readonly code: string;
}

export async function checkCode(core: Core, command: CheckCode): Promise<Result<null, Failure>> {
  const now = core.ports.clock.now();
  const { keyring } = core.config;
  const target = normaliseTarget(command.user);
  const code = await referToCode(keyring, ['reset', 'secure-otp'], command.code);
  const attempt = await describeGuess(core, nameTarget(target));
  const found = await openFor(core, command.caller, { target, attempt, code }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const user = findSubject(opened);
  if (user !== null && judgeCode(opened.code, now) === 'live') {
    const actor = describeActorFor(opened, user.account.userId);
    await giveBackAttempt(core, opened, now, [{ type: 'code.checked', actor, facts: {} }]);
    return ok(null);
  }
  await recordRefusal(core, opened, { type: 'code.refused', facts: { reason: 'wrong-code' } }, now);
  return fail({ kind: 'code-refused', fault: 'wrong' });
}
