// Whose password was changed is told so, by whom, at the stored addresses and nowhere else, once, and no secret is in it.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { overtake } from '../support/held-commit.ts';
import { expectNotices, makeMember, takeMessages } from '../support/notices.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  ACCEPT,
  makeReceiver,
  RESET_URL,
  type Receiver,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';
import { addHuman, changeUser, type Human } from '../support/zitadel-users.ts';

cheapenHashes();

let receiver: Receiver;
let tenant: t.TestTenant;
let adminToken: string;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
  adminToken = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(() => {
  receiver.reply = ACCEPT;
  receiver.received.length = 0;
});

interface Change {
  readonly person: Human;
  readonly run: () => Promise<Answer>;
  /** What the request holds, and nobody else may see. */
  readonly secrets: readonly string[];
}

type Prepare = () => Promise<Change>;

function bySetPassword(
  token: () => string,
  prove: (person: Human) => object | Promise<object>,
  changeRequired = false,
): Prepare {
  return async () => {
    const person = await makeMember(receiver);
    const password = t.newPassword();
    const proof = await prove(person);
    receiver.received.length = 0;
    const body = { newPassword: { password, changeRequired }, ...proof };
    const secrets = [token(), person.password, password, ...Object.values(proof)];
    return { person, secrets, run: () => t.zitadelChange(token(), person.userId, body) };
  };
}

function byZap(tokenOf: (person: Human) => string | Promise<string>): Prepare {
  return async () => {
    const person = await makeMember(receiver);
    const { userId, email, password: oldPassword } = person;
    const newPassword = t.newPassword();
    const token = await tokenOf(person);
    const body = { userId, email, oldPassword, newPassword };
    const secrets = [token, oldPassword, newPassword];
    return { person, secrets, run: () => t.zapChange(tenant, token, body) };
  };
}

async function byChallenge(): Promise<Change> {
  const person = await makeMember(receiver, { temporary: true });
  const session = await t.openChallenge(tenant, person);
  const newPassword = t.newPassword();
  const body = { userID: person.userId, newPassword, session };
  const secrets = [session, person.password, newPassword];
  return { person, secrets, run: () => t.vbaChange(tenant, body) };
}

const reader = () => tenant.readerToken;
const service = () => tenant.serviceToken;
const byPassword = ({ password }: Human) => ({ currentPassword: password });
const byCode = async ({ userId }: Human) => ({
  verificationCode: await t.resetCode(tenant, userId),
});

const PROVED: [string, Prepare, 'user' | 'administrator'][] = [
  ['by the session of a challenge', byChallenge, 'user'],
  ['by the current password, through a program', bySetPassword(reader, byPassword), 'user'],
  ['by a code', bySetPassword(reader, byCode), 'user'],
  ['by the old password, by the user', byZap((person) => t.zapToken(tenant, person)), 'user'],
  ['by the old password, by an admin', byZap(() => adminToken), 'administrator'],
  ['by a code, by an admin', bySetPassword(() => adminToken, byCode), 'administrator'],
];
const ORDERED: typeof PROVED = [
  ['by authority', bySetPassword(service, () => ({})), 'administrator'],
];

it.each([...PROVED, ...ORDERED])(
  "a change %s is told at both addresses, in the user's language",
  async (_, prepare, actor) => {
    const { person, run, secrets } = await prepare();
    expect((await run()).status).toBe(200);
    const bodies = receiver.received.map(({ body }) => body).join();
    const { subject, text, html } = expectNotices(receiver, person, 'password.changed', actor);
    expect(subject).toMatch(/^Ihr Passwort bei .* wurde geändert$/);
    const who = actor === 'user' ? 'von Ihnen geändert' : 'von der Administration geändert';
    for (const words of [text, html]) expect(words).toContain(who);
    expect(html).toContain('<html lang="de">');
    for (const secret of secrets) expect(bodies.includes(secret)).toBe(false);
    // A change that rests on a proof can be repeated, when its answer was lost: that is told to nobody.
    if (PROVED.some(([, other]) => other === prepare)) expect((await run()).status).toBe(200);
    await runSchedule();
    expect(takeMessages(receiver)).toEqual([]);
  },
);

it.each<[string, Prepare, 'user' | 'administrator']>([
  ['by authority', bySetPassword(service, () => ({}), true), 'administrator'],
  ['by the current password', bySetPassword(reader, byPassword, true), 'user'],
  ['by a code', bySetPassword(reader, byCode, true), 'user'],
])(
  'a change %s to a password that must be changed is told as a temporary one',
  async (_, prepare, actor) => {
    const { person, run, secrets } = await prepare();
    expect((await run()).status).toBe(200);
    const bodies = receiver.received.map(({ body }) => body).join();
    const { subject } = expectNotices(receiver, person, 'password.temporary', actor);
    expect(subject).toMatch(/^Ein vorläufiges Passwort wurde bei .* ausgestellt$/);
    for (const secret of secrets) expect(bodies.includes(secret)).toBe(false);
  },
);

describe('what is refused is told to nobody:', () => {
  it('a wrong password, a wrong code, a password against the policy, and a caller who may not', async () => {
    const person = await makeMember(receiver);
    const { userId, password: currentPassword } = person;
    const change = (token: string, body: object) => t.zitadelChange(token, userId, body);
    const newPassword = { password: t.newPassword() };
    const refused = [
      await change(reader(), { newPassword, currentPassword: 'a wrong password for all' }),
      await change(reader(), { newPassword, verificationCode: 'ABCDEFGH' }),
      await change(reader(), { newPassword: { password: 'short' }, currentPassword }),
      await change(service(), { newPassword: { password: 'short' } }),
      await change(reader(), { newPassword }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 403]);
    await runSchedule();
    expect(takeMessages(receiver)).toEqual([]);
    expect(await readOutbox(tenant, userId)).toEqual([]);
  });

  it('a change that another one outpaced', async () => {
    const person = await makeMember(receiver);
    const { userId, password: currentPassword } = person;
    const body = { newPassword: { password: t.newPassword() }, currentPassword };
    const answer = await overtake(
      (on) => t.zitadelChange(reader(), userId, body, on),
      () => t.zitadelChange(service(), userId, { newPassword: { password: t.newPassword() } }),
    );
    expect(answer.status).toBe(409);
    expectNotices(receiver, person, 'password.changed', 'administrator');
    expect(await readOutbox(tenant, userId)).toHaveLength(2);
  });
});

describe('the addresses', () => {
  const order = (userId: string, body: object) => changeUser(service(), userId, body);

  it.each(['by who may write users', 'by the user'])(
    'are those from before, when they change with the password, %s',
    async (by) => {
      const person = await makeMember(receiver);
      const { password: currentPassword } = person;
      const token = by === 'by the user' ? await t.zapToken(tenant, person) : service();
      const password = { password: { password: t.newPassword() }, currentPassword };
      const mail = { email: `elsewhere-${t.nextSerial()}@mail.example` };
      const phone = { phone: `+4178${1_000_000 + t.nextSerial()}` };
      const moved = await changeUser(token, person.userId, { password, email: mail, phone });
      expect([moved.status, moved.text]).toEqual([200, expect.any(String)]);
      expectNotices(receiver, person, 'password.changed', 'user');
      // The next one goes to the new ones.
      await order(person.userId, { password: { password: { password: t.newPassword() } } });
      const now = { ...person, email: mail.email, phone: phone.phone };
      expectNotices(receiver, now, 'password.changed', 'administrator');
    },
  );

  it.each([
    ['email alone', { email: 'only@mail.example' }, [['email', 'only@mail.example']]],
    ['phone alone', { phone: '+41790000001' }, [['sms', '+41790000001']]],
    ['none', { username: 'nobody-can-write-to' }, []],
  ])('are as many as there are: %s', async (_, names, told) => {
    const path = `/tenants/${tenant.orgId}/users`;
    const { userId } = (await t.admin('POST', path, { ...names, password: t.newPassword() })).body;
    const newPassword = { password: t.newPassword() };
    expect((await t.zitadelChange(service(), userId, { newPassword })).status).toBe(200);
    const messages = takeMessages(receiver);
    expect(messages.map(({ data }) => [data['channel'], data['address']])).toEqual(told);
  });
});

it('a letter is not begun to an address that is none, and nobody is promised one', async () => {
  const { webhookUrl, webhookSecret } = receiver;
  const emailFrom = { name: 'Acme', address: 'no-reply@acme.example' };
  const delivery = { webhookUrl, webhookSecret, emailFrom };
  const mixed = await t.makeTenant({ settings: { delivery, resetUrl: RESET_URL } });
  const person = { userId: 'two-in-one', email: 'ann,bob@mail.example', phone: '+41790000002' };
  await t.admin('POST', `/tenants/${mixed.orgId}/users`, person);
  const newPassword = { password: t.newPassword() };
  const changed = await t.zitadelChange(mixed.serviceToken, person.userId, { newPassword });
  expect(changed.status).toBe(200);
  expect(takeMessages(receiver).map(({ data }) => data['channel'])).toEqual(['sms']);
  const asked = await t.zitadel(mixed.serviceToken, `${person.userId}/password_reset`, {});
  expect([asked.status, asked.body.message]).toEqual([400, 'User has no email address']);
  expect(await readOutbox(mixed, person.userId)).toHaveLength(1);
});

describe('a tenant', () => {
  const setUp = (settings: object) => t.admin('PATCH', `/tenants/${tenant.orgId}`, { settings });
  const change = ({ userId }: Pick<Human, 'userId'>) =>
    t.zitadelChange(service(), userId, { newPassword: { password: t.newPassword() } });

  it('that sends no notices makes none, and begins with the next change when it wants them', async () => {
    const person = await makeMember(receiver);
    expect((await setUp({ notices: false })).status).toBe(200);
    expect((await change(person)).status).toBe(200);
    expect(await readOutbox(tenant, person.userId)).toEqual([]);
    expect((await setUp({ notices: null })).status).toBe(200);
    expect((await change(person)).status).toBe(200);
    expectNotices(receiver, person, 'password.changed', 'administrator');
  });

  it('without a webhook makes none, and its users’ passwords change all the same', async () => {
    const silent = await t.makeTenant();
    const { userId } = await addHuman(silent);
    const newPassword = { password: t.newPassword() };
    expect((await t.zitadelChange(silent.serviceToken, userId, { newPassword })).status).toBe(200);
    expect(await readOutbox(silent, userId)).toEqual([]);
  });

  it('chooses the language of who speaks none that there is', async () => {
    const makeOf = (preferredLanguage: string) =>
      addHuman(tenant, { profile: { givenName: 'Ann', familyName: 'Other', preferredLanguage } });
    const people = [await makeOf('fr'), await makeOf('de'), await makeOf('en-GB')];
    const told = async () => {
      for (const person of people) await change(person);
      const html = receiver.received.splice(0).map(({ message }) => message.data['html']);
      return html.map((text) => /lang="(..)"/.exec(text ?? '')?.[1]);
    };
    expect(await told()).toEqual(['en', 'en', 'de', 'de', 'en', 'en']);
    await setUp({ language: 'de' });
    expect(await told()).toEqual(['de', 'de', 'de', 'de', 'en', 'en']);
    await setUp({ language: null });
  });

  it('tells a user of fifty an hour and a kind, and no more; the password changes all the same', async () => {
    const person = await makeMember(receiver);
    await t
      .databaseOf(tenant)
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 49)
         INSERT INTO outbox SELECT ?1, ?2, 'msg_of_before_' || i, 'password.changed', NULL, NULL, NULL, ?3, ?3, 1, NULL, ?3, NULL FROM n`,
      )
      .bind(tenant.orgId, person.userId, Date.now())
      .run();
    expect((await change(person)).status).toBe(200);
    expect(takeMessages(receiver)).toHaveLength(1);
    expect((await change(person)).status).toBe(200);
    expect(takeMessages(receiver)).toEqual([]);
    expect(await t.readUser(tenant, person.userId)).toMatchObject({ passwordVersion: 3 });
  });
});
