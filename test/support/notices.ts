// Users who are told what happens to their accounts, and what they were told.
import { expect } from 'vitest';
import * as t from './tenant.ts';
import type { Received, Receiver } from './webhook.ts';
import { addHuman, type Human } from './zitadel-users.ts';

type Message = Received['message'];

/** With both addresses, a password, and German as their language. A temporary one is told of, which is forgotten here. */
export async function makeMember(
  { tenant, received }: Receiver,
  options: { readonly temporary?: boolean } = {},
): Promise<Human> {
  const password = t.newPassword();
  const human = await addHuman(tenant, {
    profile: { givenName: 'Ann', familyName: 'Other', preferredLanguage: 'de-CH' },
    password: { password, changeRequired: options.temporary ?? false },
  });
  received.length = 0;
  return { ...human, password };
}

/** What came since the last time, letters first. */
export function takeMessages({ received }: Receiver): readonly Message[] {
  const channelOf = ({ data }: Message) => data['channel'] ?? '';
  const messages = received.splice(0).map(({ message }) => message);
  return messages.sort((a, b) => channelOf(a).localeCompare(channelOf(b)));
}

/** One at each address of the user, and nothing beside them; gives the words of the first. */
export function expectNotices(
  receiver: Receiver,
  { userId, email, phone }: Pick<Human, 'userId' | 'email' | 'phone'>,
  type: string,
  actor: 'user' | 'administrator' | 'unknown',
): { readonly subject: string; readonly text: string; readonly html: string } {
  const { orgId } = receiver.tenant;
  const written = expect.stringMatching(/\S/);
  const about = { userId, orgId, language: 'de-CH', actor };
  const words = { subject: written, text: written, html: written };
  const messages = takeMessages(receiver);
  expect(messages).toEqual([
    { type, timestamp: written, data: { ...about, ...words, channel: 'email', address: email } },
    { type, timestamp: written, data: { ...about, ...words, channel: 'sms', address: phone } },
  ]);
  const { subject, text, html } = messages[0]?.data ?? {};
  return { subject: subject ?? '', text: text ?? '', html: html ?? '' };
}
