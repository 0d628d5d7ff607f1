// Who gets which message by which way, and who is named as its cause.
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.ts';
import type { Actor } from '../../src/core/audit.ts';
import type { Core } from '../../src/core/context.ts';
import {
  type CodeMessage,
  canSend,
  describeCodeMessage,
  describeNotices,
  listAddresses,
  nameActor,
} from '../../src/core/message.ts';
import { MESSAGE_LIMIT, openMessage } from '../../src/core/outbox.ts';
import { chooseSettings, type Delivery, type SettingsChoice } from '../../src/core/tenant.ts';
import { platformRandom } from '../support/secrets.ts';
import { context, NOW, SUBJECT } from '../support/tokens.ts';

const LETTERS: Delivery = { email: { name: 'Acme', address: 'no-reply@acme.example' } };
const WEBHOOK: Delivery = { webhook: { url: 'https://hooks.example/', sealedSecret: 'sealed' } };
const by = (delivery: Delivery | null) => chooseSettings({ delivery });

/** What is used, and nothing else. */
const core = {
  ports: { random: platformRandom },
  config: { keyring: context.keyring },
} as unknown as Core;
const ann: Account = { ...SUBJECT.account, email: 'ann@mail.example', phone: '+41791234567' };
const EMAIL = { channel: 'email', address: 'ann@mail.example' } as const;
const SMS = { channel: 'sms', address: '+41791234567' } as const;

const tenantWith = (choice: SettingsChoice) => ({
  ...SUBJECT.tenant,
  settings: chooseSettings(choice),
});

describe('a tenant', () => {
  it.each([
    ['without a way', null, false, false],
    ['without a way left', {}, false, false],
    ['with letters', LETTERS, true, false],
    ['with a webhook', WEBHOOK, true, true],
    ['with both', { ...LETTERS, ...WEBHOOK }, true, true],
  ])('%s', (_, delivery, hasEmail, hasSms) => {
    expect(canSend(by(delivery), 'email')).toBe(hasEmail);
    expect(canSend(by(delivery), 'sms')).toBe(hasSms);
  });
});

describe('the addresses of a user', () => {
  it.each([
    ['none without a way', null, []],
    ['that of letters', LETTERS, [EMAIL]],
    ['all by a webhook, letters first', WEBHOOK, [EMAIL, SMS]],
    ['all by both', { ...LETTERS, ...WEBHOOK }, [EMAIL, SMS]],
  ])('are %s', (_, delivery, addresses) => {
    expect(listAddresses(by(delivery), ann)).toEqual(addresses);
    expect(listAddresses(by(delivery), { email: null, phone: null })).toEqual([]);
  });

  it('are left to the webhook where no letter could be written to them', () => {
    const odd = { email: '"ann other"@mail.example', phone: SMS.address };
    expect(listAddresses(by(LETTERS), odd)).toEqual([]);
    expect(listAddresses(by({ ...LETTERS, ...WEBHOOK }), odd)).toEqual([SMS]);
    expect(listAddresses(by(WEBHOOK), odd)).toEqual([{ ...EMAIL, address: odd.email }, SMS]);
  });
});

it.each<[Actor, string]>([
  [{ kind: 'anonymous' }, 'unknown'],
  [{ kind: 'user', userId: 'ann' }, 'user'],
  [{ kind: 'admin', userId: 'ann' }, 'user'],
  [{ kind: 'admin', userId: 'bob' }, 'administrator'],
  [{ kind: 'key', keyId: 'ann' }, 'administrator'],
  [{ kind: 'operator' }, 'administrator'],
])('tells ann of %j as %s', (actor, name) => {
  expect(nameActor(actor, 'ann')).toBe(name);
});

describe('a message', () => {
  const tenant = tenantWith({ delivery: WEBHOOK });
  const url = 'https://login.example/reset?code=ABCD2345';
  const code: CodeMessage = {
    ...{ to: EMAIL, purpose: 'reset', code: 'ABCD2345', mac: 'mac', url, actor: 'user' },
    ...{ expiresAt: NOW + 20 * 60_000, limit: MESSAGE_LIMIT },
  };

  async function read({ id, payload }: { readonly id: string; readonly payload: string }) {
    const ref = { tenantId: tenant.id, userId: ann.userId, id };
    const body = (await openMessage(context.keyring, ref, payload)) ?? '';
    return JSON.parse(body) as { data: { text: string; url?: unknown; channel?: unknown } };
  }

  it('with a code brings it, its link, and how long both may be used', async () => {
    const { message } = await describeCodeMessage(core, tenant, ann, code, NOW);
    const { data } = await read(message);
    expect(data).toMatchObject({ ...EMAIL, code: 'ABCD2345', url });
    for (const words of ['ABCD2345', url, ' for 20 min']) expect(data.text).toContain(words);
    expect(message).toMatchObject({ expiresAt: code.expiresAt, code: { mac: 'mac' } });
  });

  it('with a code alone has no link', async () => {
    const { message } = await describeCodeMessage(core, tenant, ann, { ...code, url: null }, NOW);
    const { data } = await read(message);
    expect(data.url).toBeNull();
    expect(data.text).toContain('ABCD2345');
    expect(data.text).not.toMatch(/https?:/);
  });

  it('that is a notice goes to each address, with no code', async () => {
    const notices = await describeNotices(core, tenant, ann, 'password.changed', 'user', NOW);
    const bodies = await Promise.all(notices.map(({ message }) => read(message)));
    expect(bodies.map(({ data }) => data.channel)).toEqual(['email', 'sms']);
    for (const { data } of bodies) expect(data).not.toHaveProperty('code');
    expect(notices.map(({ message }) => message.code)).toEqual([null, null]);
  });

  it('that is a notice never says how long it may be used', async () => {
    const words = { subject: 'Changed', text: 'It was changed.\n\nYou have {{.Minutes}} min.' };
    const own = tenantWith({ delivery: LETTERS, templates: { 'password.changed': { en: words } } });
    const [notice] = await describeNotices(core, own, ann, 'password.changed', 'user', NOW);
    if (notice === undefined) throw new Error('no notice');
    const { data } = await read(notice.message);
    expect(data.text).toContain('It was changed.');
    expect(data.text).not.toContain('min');
  });

  it('that is a notice goes nowhere where the tenant sends none', async () => {
    const silent = tenantWith({ delivery: WEBHOOK, notices: false });
    expect(await describeNotices(core, silent, ann, 'password.changed', 'user', NOW)).toEqual([]);
  });
});
