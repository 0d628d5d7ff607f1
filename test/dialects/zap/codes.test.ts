// Codes as they arrive: which kind, at which address, how many, and what each is good for.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, RESET_URL, type Receiver, watchFetch } from '../../support/webhook.ts';
import { call, expectData, expectFailure, expectUpdated, see } from './call.ts';
import * as people from './people.ts';

let receiver: Receiver;
let tenant: t.TestTenant;
let person: people.Person;

beforeAll(async () => {
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(async () => {
  watchFetch();
  person = await people.makePerson(tenant);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const OTP = '/v1/otp/';
const RESEND = '/v1/otp/resend';

async function ask(path: string, body: object): Promise<Answer> {
  const answer = await call(tenant, path, { body });
  expectData(answer);
  for (const { message } of receiver.received) {
    expect(answer.text).not.toContain(message.data['code'] ?? 'no code');
  }
  return answer;
}

function change(of: people.Person, secureOTP: string, token: string): Promise<Answer> {
  const { userId, email, password } = of;
  const body = { userId, email, oldPassword: password, newPassword: t.newPassword(), secureOTP };
  return t.zapChange(tenant, token, body);
}

function codes(purpose: people.Purpose, of: t.TestUser = person) {
  return people.listCodes(receiver, of.userId, purpose);
}

describe('a second factor', () => {
  it('goes to the email that was named', async () => {
    await ask(OTP, { userId: person.userId, email: person.email.toUpperCase() });
    expect(codes('otp')).toMatchObject([
      {
        channel: 'email',
        address: person.email,
        code: expect.stringMatching(/^\d{8}$/),
        url: null,
      },
    ]);
    expect(codes('reset')).toEqual([]);
  });

  it('goes by sms to the phone that was named', async () => {
    await ask(OTP, { userId: person.userId, phoneNumber: person.phone });
    expect(codes('otp')).toMatchObject([{ channel: 'sms', address: person.phone }]);
  });

  it('goes nowhere else, and the answer does not tell', async () => {
    const right = await ask(OTP, { userId: person.userId, email: person.email });
    const neighbour = await people.makePerson(tenant);
    for (const address of [
      { email: 'thief@mail.example' },
      { email: neighbour.email },
      { email: person.username },
      { phoneNumber: '+491700000000' },
    ]) {
      const answer = await ask(OTP, { userId: person.userId, ...address });
      expect(see(answer)).toEqual(see(right));
    }
    expect(codes('otp')).toHaveLength(1);
    expect(codes('otp', neighbour)).toEqual([]);
  });

  it('needs one address and no more', async () => {
    const { userId, email, phone: phoneNumber } = person;
    for (const body of [{ userId }, { userId, email, phoneNumber }, { email }]) {
      expectFailure(await call(tenant, OTP, { body }), 400);
    }
    expect(codes('otp')).toEqual([]);
  });

  it('lets a change of the password through, once, and resets none', async () => {
    const { token } = await people.logIn(tenant, person);
    const otp = await people.sentOtp(receiver, person);
    expectFailure(await people.reset(tenant, person.email, otp), 400);
    expectUpdated(await change(person, otp, token));
    expect((await t.readUser(tenant, person.userId)).passwordVersion).toBe(2);
  });
});

describe('a reset code', () => {
  it.each(['email', 'username', 'phone'] as const)(
    'goes to the email, whoever is named by %s',
    async (name) => {
      await ask('/v1/otp/forgotPassword', { identity: person[name] });
      const [{ code, url, ...sent } = {}, ...more] = codes('reset');
      expect(more).toEqual([]);
      expect(sent).toMatchObject({ channel: 'email', address: person.email, actor: 'unknown' });
      expect(code).toMatch(/^\d{8}$/);
      expect(url).toBe(
        RESET_URL.replace('{{.UserID}}', person.userId)
          .replace('{{.OrgID}}', tenant.orgId)
          .replace('{{.Code}}', code ?? ''),
      );
    },
  );

  it('goes by sms where there is a phone and no email', async () => {
    const n = t.nextSerial();
    const caller = { userId: `caller-${n}`, phone: `+4178${n}`, password: t.newPassword() };
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/users`, caller);
    expect(made.status).toBe(201);
    await ask('/v1/otp/forgotPassword', { identity: caller.phone });
    const sent = people.listCodes(receiver, caller.userId, 'reset');
    expect(sent).toMatchObject([{ channel: 'sms', address: caller.phone }]);
  });

  it('is no second factor, and stays good for what it is', async () => {
    const { token } = await people.logIn(tenant, person);
    const code = await people.sentReset(receiver, person);
    expectFailure(await change(person, code, token), 400);
    expectData(await people.reset(tenant, person.email, code));
  });

  it('goes to no deactivated user', async () => {
    await t.disableUser(tenant, person.userId);
    await ask('/v1/otp/forgotPassword', { identity: person.email });
    await ask(OTP, { userId: person.userId, email: person.email });
    expect([...codes('reset'), ...codes('otp')]).toEqual([]);
  });

  it('goes to the user of the tenant that is called', async () => {
    const abroad = await makeReceiver({ place: 'eu' });
    const twin = await people.makePerson(abroad.tenant);
    expectData(await people.askReset(abroad.tenant, twin.email));
    expectData(await people.askReset(tenant, twin.email));
    expect(people.listCodes(abroad, twin.userId, 'reset')).toHaveLength(1);
    expect(codes('reset', twin)).toEqual([]);
    const code = people.lastCode(abroad, twin.userId, 'reset');
    expectData(await people.reset(abroad.tenant, twin.email, code));
  });
});

describe('a code that is asked for once more', () => {
  it('is a second factor while one is out, and a reset otherwise', async () => {
    await ask(RESEND, { email: person.email });
    expect([codes('reset').length, codes('otp').length]).toEqual([1, 0]);
    const { token } = await people.logIn(tenant, person);
    await people.sentOtp(receiver, person);
    await ask(RESEND, { username: person.username });
    expect([codes('reset').length, codes('otp').length]).toEqual([1, 2]);
    expectUpdated(await change(person, people.lastCode(receiver, person.userId, 'otp'), token));
    await ask(RESEND, { username: person.username });
    expect([codes('reset').length, codes('otp').length]).toEqual([2, 2]);
  });

  it('goes to the address that names the user', async () => {
    await ask(RESEND, { phoneNumber: person.phone });
    await ask(RESEND, { email: person.email });
    await ask(RESEND, { username: person.username });
    expect(codes('reset').map(({ channel }) => channel)).toEqual(['sms', 'email', 'email']);
  });

  it('is named by one field and no more', async () => {
    const { email, username, phone: phoneNumber } = person;
    for (const body of [{}, { email, username }, { username, phoneNumber }, { identity: email }]) {
      expectFailure(await call(tenant, RESEND, { body }), 400);
    }
    expect(codes('reset')).toEqual([]);
  });
});

describe('many codes', () => {
  it('leave the newest two alive, of each kind', async () => {
    for (let i = 0; i < 3; i += 1) {
      await people.sentReset(receiver, person);
      await people.sentOtp(receiver, person);
    }
    for (const purpose of ['reset', 'otp'] as const) {
      const [first = '', second = '', third = ''] = codes(purpose).map(({ code }) => code ?? '');
      expectData(await people.verify(tenant, person.email, second));
      expectData(await people.verify(tenant, person.email, third));
      expectFailure(await people.verify(tenant, person.email, first), 400);
    }
  });

  it('of one kind go out five times an hour, and the answer stays the same', async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < 7; i += 1) answers.push(await people.askReset(tenant, person.email));
    expect(codes('reset')).toHaveLength(5);
    for (const answer of answers) {
      expectData(answer);
      expect(see(answer)).toEqual(see(answers[0] as Answer));
    }
    const last = people.lastCode(receiver, person.userId, 'reset');
    expectData(await people.verify(tenant, person.email, last));
    expect((await t.listEvents(tenant, person.userId)).at(-1)?.type).toBe('code.checked');
    await people.sentOtp(receiver, person);
    expect(codes('otp')).toHaveLength(1);

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
    await people.sentReset(receiver, person);
    expect(codes('reset')).toHaveLength(6);
  });

  it('die of a change of the password', async () => {
    const code = await people.sentReset(receiver, person);
    const otp = await people.sentOtp(receiver, person);
    const { token } = await people.logIn(tenant, person);
    const { userId, email, password } = person;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    expectUpdated(await t.zapChange(tenant, token, body));
    expectFailure(await people.verify(tenant, email, code), 400);
    expectFailure(await people.verify(tenant, email, otp), 400);
  });
});

describe('a tenant that sends no messages', () => {
  it('says so, whoever is named', async () => {
    const silent = await t.makeTenant();
    const known = await people.makePerson(silent);
    const asked = async (userId: string, name: string) => [
      await call(silent, OTP, { body: { userId, email: name } }),
      await call(silent, RESEND, { body: { email: name } }),
      await people.askReset(silent, name),
    ];
    const answers = [
      ...(await asked(known.userId, known.email)),
      ...(await asked('nobody', 'nobody@mail.example')),
    ];
    for (const answer of answers) {
      expect(expectFailure(answer, 501)).toMatch(/sends no messages/);
      expect(see(answer)).toEqual(see(answers[0] as Answer));
    }
  });
});

it('a code is in the audit by its kind and way, and never itself', async () => {
  const code = await people.sentReset(receiver, person);
  await ask(OTP, { userId: person.userId, phoneNumber: person.phone });
  const events = await t.listEvents(tenant, person.userId);
  const issued = events.filter(({ type }) => type === 'code.issued');
  expect(issued).toMatchObject([
    {
      dialect: 'zap',
      actor: { kind: 'anonymous' },
      facts: { purpose: 'reset', delivery: 'email' },
    },
    { facts: { purpose: 'secure-otp', delivery: 'sms' } },
  ]);
  for (const secret of [code, people.lastCode(receiver, person.userId, 'otp')]) {
    expect(JSON.stringify(events)).not.toContain(secret);
  }
});
