// A fresh code with its message: the one is made with the other, or not at all.
import type { Account } from './account.ts';
import type { Actor, Facts } from './audit.ts';
import {
  CODE_FORMATS,
  type CodeFormatName,
  type CodePurpose,
  computeCodeMac,
  drawCode,
  LIVE_CODES,
} from './code.ts';
import type { Write } from './commit.ts';
import type { Core } from './context.ts';
import { type Address, describeCodeMessage, nameActor } from './message.ts';
import type { MessageLimit } from './outbox.ts';
import { ok, type Result } from './result.ts';
import type { Opened } from './store.ts';
import { type LinkFault, makeLink } from './url-template.ts';

export interface CodeWish {
  readonly purpose: CodePurpose;
  readonly format: CodeFormatName;
  readonly to: Address;
  /** Template of the link; null: the tenant's own, or none. */
  readonly urlTemplate: string | null;
  readonly actor: Actor;
  readonly limit: MessageLimit;
}

/** NIST SP 800-63B-4 section 4.2.1.2: by text message ten minutes, whatever the tenant lets letters have. Seconds. */
const LONGEST_SMS_LIFE = 10 * 60;

/** Whoever asks too often is answered the same, while nothing is made. */
export async function describeNewCode(
  core: Core,
  { tenant }: Pick<Opened, 'tenant'>,
  account: Account,
  wish: CodeWish,
  now: number,
): Promise<Result<readonly Write[], LinkFault>> {
  const { purpose, to, actor } = wish;
  const { codeLife, resetUrl } = tenant.settings;
  const code = drawCode(core.ports.random, CODE_FORMATS[wish.format]);
  const template = wish.urlTemplate ?? resetUrl;
  const fields = { UserID: account.userId, Code: code, OrgID: tenant.id };
  const link =
    purpose !== 'reset' || template === undefined
      ? ok(null)
      : makeLink(template, resetUrl ?? '', fields);
  if (!link.ok) return link;
  const life = to.channel === 'sms' ? Math.min(codeLife, LONGEST_SMS_LIFE) : codeLife;
  const expiresAt = now + life * 1000;
  const mac = await computeCodeMac(core.config.keyring, purpose, code);
  const message = await describeCodeMessage(
    core,
    tenant,
    account,
    {
      to,
      purpose,
      code,
      mac,
      url: link.value,
      expiresAt,
      actor: nameActor(actor, account.userId),
      limit: wish.limit,
    },
    now,
  );
  const { id: messageId } = message.message;
  const facts: Facts = { purpose, delivery: to.channel };
  return ok([
    message,
    { kind: 'issue-code', purpose, mac, expiresAt, keep: LIVE_CODES, messageId },
    { kind: 'event', event: { type: 'code.issued', actor, facts }, messageId },
  ]);
}
