// A fresh code for a user, handed to the caller. The newest two of a purpose live; older ones die with it.
import { type Caller, describeActor, openFor, refuseUnlessWriter } from '../caller.ts';
import { commitOnce, describeCommit, describeLoss, findSubject } from '../change.ts';
import {
  CODE_FORMATS,
  type CodeFormatName,
  type CodePurpose,
  computeCodeMac,
  drawCode,
  LIVE_CODES,
} from '../code.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeNotices, nameActor } from '../message.ts';
import { fail, ok, type Result } from '../result.ts';

export interface IssueCode {
  readonly caller: Caller;
  readonly userId: string;
  readonly purpose: CodePurpose;
  readonly format: CodeFormatName;
}

export interface IssuedCode {
  readonly tenantId: string;
  readonly code: string;
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly sequence: number;
}

/**
 * Needs the permission to write users: a code handed to the user's own token would let a stolen token
 * change the password with no proof.
 */
export async function issueCode(
  core: Core,
  command: IssueCode,
): Promise<Result<IssuedCode, Failure>> {
  const now = core.ports.clock.now();
  const found = await openFor(core, command.caller, { target: { userId: command.userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { principal, tenant } = opened;
  const refused = refuseUnlessWriter(principal, command.userId);
  if (refused !== null) return fail(refused);
  const user = findSubject(opened);
  if (user === null) return fail({ kind: 'user-unknown' });
  const { purpose, userId, format } = command;
  const code = drawCode(core.ports.random, CODE_FORMATS[format]);
  const expiresAt = now + tenant.settings.codeLife * 1000;
  const mac = await computeCodeMac(core.config.keyring, purpose, code);
  const actor = describeActor(principal);
  const facts = { purpose, delivery: 'returned' };
  // Somebody holds a key to the account now: the user shall know.
  const notices =
    purpose === 'reset'
      ? await describeNotices(
          core,
          tenant,
          user.account,
          'password.reset-requested',
          nameActor(actor, userId),
          now,
        )
      : [];
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [
      { kind: 'issue-code', purpose, mac, expiresAt, keep: LIVE_CODES },
      { kind: 'event', event: { type: 'code.issued', actor, facts } },
      ...notices,
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({
    tenantId: tenant.id,
    code,
    issuedAt: now,
    expiresAt,
    sequence: committed.sequence,
  });
}
