// Guessing at codes: looking at one spends nothing, a wrong one counts, and whose code it is decides.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../../support/cheap-hashes.ts';
import { type Cost, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import {
  call,
  expectData,
  expectFailure,
  expectUpdated,
  otherCode,
  secureOtp,
  see,
} from './call.ts';
import * as people from './people.ts';

cheapenHashes();

const TRIES = 5;

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

async function countFailures(of: t.TestUser = person): Promise<number> {
  return (await t.readUser(tenant, of.userId)).failedAttempts;
}

const DOORS: readonly [string, typeof people.reset][] = [
  ['a check', people.verify],
  ['a reset', people.reset],
];

describe('a check of a code', () => {
  it.each(['email', 'username', 'phone'] as const)('finds its user by %s', async (name) => {
    const code = await people.sentReset(receiver, person);
    expect(expectData(await people.verify(tenant, person[name], code))).toBe('OTP verified');
  });

  it('is right for either kind, as often as it is asked, and spends nothing', async () => {
    const code = await people.sentReset(receiver, person);
    const otp = await people.sentOtp(receiver, person);
    for (let i = 0; i < 2 * TRIES; i += 1) {
      expectData(await people.verify(tenant, person.email, code));
      expectData(await people.verify(tenant, person.email, otp));
    }
    expect(await countFailures()).toBe(0);
    const { token } = await people.logIn(tenant, person);
    const { userId, email, password } = person;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    expectUpdated(await t.zapChange(tenant, token, { ...body, secureOTP: otp }));
  });

  it('is right for a code of another channel, in either case', async () => {
    const reset = await t.resetCode(tenant, person.userId);
    const otp = await secureOtp(tenant, person.userId);
    expectData(await people.verify(tenant, person.email, reset.toLowerCase()));
    expectData(await people.verify(tenant, person.email, otp));
    expectFailure(await people.verify(tenant, person.email, otherCode(otp)), 400);
    expectData(await people.reset(tenant, person.email, reset));
  });

  it('forgives nothing that came before it', async () => {
    const code = await people.sentReset(receiver, person);
    expectFailure(await people.verify(tenant, person.email, people.otherDigits(code)), 400);
    expectData(await people.verify(tenant, person.email, code));
    expect(await countFailures()).toBe(1);
  });

  it('costs two trips and no derivation, right or wrong', async () => {
    const code = await people.sentReset(receiver, person);
    const costs: Cost[] = [];
    for (const otp of [code, people.otherDigits(code)]) {
      const body = { identity: person.email, otp };
      const { cost } = await measure((on) => call(tenant, '/v1/otp/verify', { body, on }));
      costs.push(cost);
    }
    for (const { trips, links } of costs) expect({ trips, links }).toEqual({ trips: 2, links: 0 });
  });
});

describe.each(DOORS)('a wrong code at %s', (_, knock) => {
  it('counts against its user, and as a try of the code', async () => {
    const code = await people.sentReset(receiver, person);
    expectFailure(await knock(tenant, person.email, people.otherDigits(code)), 400);
    expect(await countFailures()).toBe(1);
    expectFailure(await knock(tenant, person.email, people.otherDigits(code)), 400);
    expect(await countFailures()).toBe(2);
    expect((await t.readUser(tenant, person.userId)).passwordVersion).toBe(1);
    expectData(await people.reset(tenant, person.email, code));
    expect(await countFailures()).toBe(0);
  });

  it('kills the code at the fifth, and a new one leads out', async () => {
    const code = await people.sentReset(receiver, person);
    for (let i = 0; i < TRIES; i += 1) {
      expectFailure(await knock(tenant, person.email, people.otherDigits(code)), 400);
    }
    const dead = await knock(tenant, person.email, code);
    expectFailure(dead, 400);
    expect((await t.readUser(tenant, person.userId)).passwordVersion).toBe(1);
    const fresh = await people.sentReset(receiver, person);
    expectData(await people.reset(tenant, person.email, fresh));
  });

  it('kills it even when five come at once', async () => {
    const code = await people.sentReset(receiver, person);
    const guesses = Array.from({ length: TRIES }, (_unused, n) => `0000000${n}`);
    const wrong = guesses.filter((guess) => guess !== code);
    await Promise.all(wrong.map((guess) => knock(tenant, person.email, guess)));
    for (let i = wrong.length; i < TRIES; i += 1) {
      await knock(tenant, person.email, people.otherDigits(code));
    }
    expectFailure(await people.verify(tenant, person.email, code), 400);
  });

  it('is that of another user, counts against who was named, and stays good for its own', async () => {
    const neighbour = await people.makePerson(tenant);
    const theirs = await people.sentReset(receiver, neighbour);
    const own = await people.sentReset(receiver, person);
    expectFailure(await knock(tenant, person.email, theirs), 400);
    expect([await countFailures(), await countFailures(neighbour)]).toEqual([1, 0]);
    const [row] = await listTries(person);
    expect([row, await listTries(neighbour)]).toEqual([1, [0]]);
    expectData(await people.reset(tenant, neighbour.email, theirs));
    expectData(await people.reset(tenant, person.email, own));
  });

  it('is one of another tenant', async () => {
    const abroad = await makeReceiver();
    const twin = await people.makePerson(abroad.tenant);
    const theirs = await people.sentReset(abroad, twin);
    expectFailure(await knock(tenant, twin.email, theirs), 400);
    expectFailure(await knock(tenant, person.email, theirs), 400);
    expectData(await people.reset(abroad.tenant, twin.email, theirs));
  });

  it('is one that has expired', async () => {
    const code = await people.sentReset(receiver, person);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 });
    expectFailure(await knock(tenant, person.email, code), 400);
    vi.setSystemTime(Date.now() - 10 * 60_000);
    expectData(await people.reset(tenant, person.email, code));
  });

  it('makes the password wait too, and the code does not', async () => {
    for (let i = 0; i < 2 * TRIES; i += 1) {
      expectFailure(await knock(tenant, person.email, '00000000'), 400);
    }
    expectFailure(await t.zapLogin(tenant, person.email, person.password), 429);
    const code = await people.sentReset(receiver, person);
    const newPassword = t.newPassword();
    expectData(await people.reset(tenant, person.email, code, newPassword));
    expectData(await t.zapLogin(tenant, person.email, newPassword));
  });
});

async function listTries(of: people.Person): Promise<number[]> {
  const { results } = await t
    .databaseOf(tenant)
    .prepare('SELECT tries FROM code WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, of.userId)
    .all<{ tries: number }>();
  return results.map(({ tries }) => tries);
}

it('a code that is no code is refused by its name, and counts as nothing', async () => {
  const code = await people.sentReset(receiver, person);
  for (const otp of ['', ' ', `${code} `, "' OR 1=1 --", 'A'.repeat(21), '\u0661\u0662\u0663']) {
    for (const [, knock] of DOORS) {
      expect(expectFailure(await knock(tenant, person.email, otp), 400)).toContain('otp');
    }
  }
  expect(await countFailures()).toBe(0);
  const wrong = await people.verify(tenant, person.email, people.otherDigits(code));
  expect(see(await people.reset(tenant, person.email, people.otherDigits(code)))).toEqual(
    see(wrong),
  );
});
