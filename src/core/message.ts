// A message to a user, as a part of the commit that it tells of: written with it or not at all. It goes to the stored
// addresses only, whoever asked for it.
import type { Account } from './account.ts';
import type { Actor } from './audit.ts';
import type { CodePurpose } from './code.ts';
import type { SendMessage } from './commit.ts';
import type { Core } from './context.ts';
import { isPlainAddress } from './email-address.ts';
import { chooseLanguage, renderMessage } from './message-text.ts';
import type { MessageActor, MessageKind } from './message-words.ts';
import {
  type Channel,
  drawMessageId,
  type MessageLimit,
  type MessageRef,
  NOTICE_LIFE,
  NOTICE_LIMIT,
  sealMessage,
} from './outbox.ts';
import type { Settings, Tenant } from './tenant.ts';

export type NoticeKind = Exclude<MessageKind, 'password.reset' | 'password.otp'>;

/** Where a user is reached. */
export interface Address {
  readonly channel: Channel;
  readonly address: string;
}

export interface CodeMessage {
  readonly to: Address;
  readonly purpose: CodePurpose;
  readonly code: string;
  readonly mac: string;
  readonly url: string | null;
  readonly expiresAt: number;
  readonly actor: MessageActor;
  readonly limit: MessageLimit;
}

const CODE_KINDS: Record<CodePurpose, MessageKind> = {
  reset: 'password.reset',
  'secure-otp': 'password.otp',
};

/** Letters go by e-mail or, like everything else, by the webhook. */
export function canSend({ delivery }: Settings, channel: Channel): boolean {
  if (delivery === undefined) return false;
  return delivery.webhook !== undefined || (channel === 'email' && delivery.email !== undefined);
}

/** The addresses of a user that the tenant can send to, letters first. */
export function listAddresses(
  settings: Settings,
  { email, phone }: Pick<Account, 'email' | 'phone'>,
): readonly Address[] {
  const all: readonly (Omit<Address, 'address'> & { readonly address: string | null })[] = [
    { channel: 'email', address: email },
    { channel: 'sms', address: phone },
  ];
  return all.flatMap(({ channel, address }) =>
    address !== null && canReach(settings, channel, address) ? [{ channel, address }] : [],
  );
}

/** A letter goes to plain addresses alone: to another one it would be tried in vain until it is given up. */
function canReach(settings: Settings, channel: Channel, address: string): boolean {
  const isLetter = channel === 'email' && settings.delivery?.email !== undefined;
  return canSend(settings, channel) && (!isLetter || isPlainAddress(address));
}

/** As the user is told who it was. */
export function nameActor(actor: Actor, userId: string): MessageActor {
  if (actor.kind === 'anonymous') return 'unknown';
  return 'userId' in actor && actor.userId === userId ? 'user' : 'administrator';
}

/** One for each address (NIST SP 800-63B-4 4.6); none when the tenant sends none. */
export function describeNotices(
  core: Core,
  tenant: Tenant,
  account: Account,
  kind: NoticeKind,
  actor: MessageActor,
  now: number,
): Promise<SendMessage[]> {
  const { settings } = tenant;
  const addresses = settings.notices ? listAddresses(settings, account) : [];
  return Promise.all(
    addresses.map((to) =>
      describeMessage(core, tenant, account, now, {
        kind,
        to,
        actor,
        expiresAt: now + NOTICE_LIFE,
        limit: NOTICE_LIMIT,
        code: null,
      }),
    ),
  );
}

/** Together with the code, or not at all: `commit.ts` has both name the message's id. */
export function describeCodeMessage(
  core: Core,
  tenant: Tenant,
  account: Account,
  message: CodeMessage,
  now: number,
): Promise<SendMessage> {
  const { to, purpose, actor, expiresAt, limit } = message;
  return describeMessage(core, tenant, account, now, {
    kind: CODE_KINDS[purpose],
    to,
    actor,
    expiresAt,
    limit,
    code: message,
  });
}

async function describeMessage(
  { ports, config }: Core,
  tenant: Tenant,
  account: Account,
  now: number,
  message: {
    readonly kind: MessageKind;
    readonly to: Address;
    readonly actor: MessageActor;
    readonly expiresAt: number;
    readonly limit: MessageLimit;
    readonly code: CodeMessage | null;
  },
): Promise<SendMessage> {
  const { kind, to, actor, expiresAt, limit, code } = message;
  const { userId, profile } = account;
  const preferred = profile.preferredLanguage ?? null;
  const { language, templates } = tenant.settings;
  const text = renderMessage(
    kind,
    chooseLanguage(preferred, language),
    {
      TenantName: tenant.name,
      UserId: userId,
      actor,
      Code: code?.code ?? null,
      Url: code?.url ?? null,
      at: now,
      codeLife: code === null ? null : (expiresAt - now) / 1000,
    },
    templates,
  );
  const told = code && { code: code.code, url: code.url, expiresAt: writeTime(expiresAt) };
  // For programs and for people: as it is sent, word for word at every attempt.
  const body = JSON.stringify({
    type: kind,
    timestamp: writeTime(now),
    data: { userId, orgId: tenant.id, ...to, language: preferred, actor, ...told, ...text },
  });
  const id = drawMessageId(ports.random);
  const ref = { tenantId: tenant.id, userId, id };
  const payload = await sealMessage(config.keyring, ports.random, ref, body);
  return {
    kind: 'send-message',
    message: {
      id,
      kind,
      payload,
      expiresAt,
      code: code && { purpose: code.purpose, mac: code.mac },
    },
    limit,
  };
}

/** Has messages sent that are committed; those that were too many are not found, and nothing happens. */
export function dispatchAll(
  { ports }: Core,
  owner: Omit<MessageRef, 'id'>,
  messages: readonly SendMessage[],
): void {
  const { place, tenantId, userId } = owner;
  for (const { message } of messages) ports.dispatch({ place, tenantId, userId, id: message.id });
}

function writeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
