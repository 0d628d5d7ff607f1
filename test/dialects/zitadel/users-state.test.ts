// Lock, unlock, deactivate, reactivate and delete: who may, what state each needs, and what follows at every door.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Env, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import {
  addHuman,
  call,
  getSession,
  mustStep,
  openSession,
  type Step,
  showUser,
  takeStep,
  userPath,
} from '../../support/zitadel-users.ts';
import {
  type ErrorRow,
  expectDetails,
  expectError,
  INVALID_TOKEN,
  NO_MEMBERSHIP,
  NOT_PERMITTED,
} from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let plain: string;
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

type Act = Step | 'delete';

function act(token: string, userId: string, name: Act, on?: Env): Promise<Answer> {
  if (name === 'delete') return call(token, 'DELETE', userPath(userId), undefined, on);
  return takeStep(token, userId, name, on);
}

const STATES = { active: 'ACTIVE', inactive: 'INACTIVE', locked: 'LOCKED' } as const;
type State = keyof typeof STATES;

async function makeIn(state: State): Promise<t.TestUser> {
  const user = await addHuman(tenant);
  if (state === 'locked') await mustStep(tenant, user.userId, 'lock');
  if (state === 'inactive') await mustStep(tenant, user.userId, 'deactivate');
  return user;
}

/** What each step makes of each state; an id is that of the refusal. */
const STEPS: Record<Step, Record<State, State | readonly [id: string, text: string]>> = {
  lock: {
    active: 'locked',
    inactive: ['COMMAND-lgws8wtsqf', 'User is not active or initial'],
    locked: ['COMMAND-lgws8wtsqf', 'User is not active or initial'],
  },
  unlock: {
    active: ['COMMAND-olb9vb0oca', 'User is not locked'],
    inactive: ['COMMAND-olb9vb0oca', 'User is not locked'],
    locked: 'active',
  },
  deactivate: {
    active: 'inactive',
    inactive: ['COMMAND-5gunjw0cd7', 'User is already inactive'],
    locked: 'inactive',
  },
  reactivate: {
    active: ['COMMAND-s5qqcz97hf', 'User is not inactive'],
    inactive: 'active',
    locked: ['COMMAND-s5qqcz97hf', 'User is not inactive'],
  },
};

const UNKNOWN: Record<Act, string> = {
  lock: 'COMMAND-450yxuqrh1',
  unlock: 'COMMAND-x377t913pw',
  deactivate: 'COMMAND-5gp2p62iin',
  reactivate: 'COMMAND-9hy5kzbuk6',
  delete: 'COMMAND-bd4ir1mblj',
};

const EVENTS: Record<Step, string> = {
  lock: 'user.locked',
  unlock: 'user.unlocked',
  deactivate: 'user.deactivated',
  reactivate: 'user.reactivated',
};

const cases = (Object.keys(STEPS) as Step[]).flatMap((step) =>
  (Object.keys(STATES) as State[]).map((state) => [step, state, STEPS[step][state]] as const),
);

describe('a step', () => {
  it.each(cases)('to %s is taken from the state %s as it should', async (step, state, outcome) => {
    const user = await makeIn(state);
    const before = await dumpTenant(tenant);
    const answer = await takeStep(step === 'lock' ? admin : tenant.serviceToken, user.userId, step);
    if (typeof outcome !== 'string') {
      expectError(answer, [400, 9, ...outcome]);
      expect(await dumpTenant(tenant)).toBe(before);
      return;
    }
    expectDetails(answer, tenant);
    expect((await showUser(tenant, user.userId)).state).toBe(`USER_STATE_${STATES[outcome]}`);
    const last = (await t.listEvents(tenant, user.userId)).at(-1);
    expect(last).toMatchObject({ type: EVENTS[step], sequence: answer.body.details.sequence });
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(
      outcome === 'active' ? 200 : 401,
    );
  });

  it.each(Object.keys(UNKNOWN) as Act[])('to %s is for who may write users', async (name) => {
    const user = await t.makeUser(tenant);
    const own = await t.zapToken(tenant, user);
    const before = await dumpTenant(tenant);
    const unknown: ErrorRow = [404, 5, UNKNOWN[name], 'User could not be found'];
    const refusals: [string, string, ErrorRow][] = [
      [tenant.readerToken, user.userId, NOT_PERMITTED],
      [tenant.apiKey, user.userId, NOT_PERMITTED],
      [own, user.userId, NOT_PERMITTED],
      [plain, user.userId, NO_MEMBERSHIP],
      [plain, 'nobody', NO_MEMBERSHIP],
      [tenant.readerToken, 'nobody', NOT_PERMITTED],
      ['unknown', user.userId, INVALID_TOKEN],
      [foreign.serviceToken, user.userId, unknown],
      [tenant.serviceToken, 'nobody', unknown],
    ];
    for (const [token, userId, row] of refusals) expectError(await act(token, userId, name), row);
    expect(await dumpTenant(tenant)).toBe(before);
  });

  it('counts on in the sequence of the user', async () => {
    const { userId } = await addHuman(tenant);
    const sequences: string[] = [];
    for (const step of ['lock', 'unlock', 'deactivate', 'reactivate'] as const) {
      sequences.push((await takeStep(admin, userId, step)).body.details.sequence);
    }
    expect(sequences).toEqual(['2', '3', '4', '5']);
  });
});

const ENDS: Act[] = ['lock', 'deactivate', 'delete'];

describe.each(ENDS)('%s', (name) => {
  it('ends every session and shuts every door, as a wrong password would', async () => {
    const user = await addHuman(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const tokens = signedIn.body.data.authenticationResult;
    const session = await openSession(tenant, user);
    const temporary = await t.makeUser(tenant, { temporary: true });
    const challenge = await t.openChallenge(tenant, temporary);
    for (const { userId } of [user, temporary]) {
      expectDetails(await act(tenant.serviceToken, userId, name), tenant);
    }

    const wrong = await measure((on) => t.vbaSignIn(tenant, 'nobody-here', user.password, on));
    const words = ({ status, body }: Answer) => [status, body.data, body.error?.detail];
    const vba = await measure((on) => t.vbaSignIn(tenant, user.userId, user.password, on));
    expect(words(vba.value)).toEqual(words(wrong.value));
    expect(vba.cost).toMatchObject({ links: 6, trips: 2 });
    const lost = await measure((on) => t.zapLogin(tenant, 'no@mail.example', user.password, on));
    const zap = await measure((on) => t.zapLogin(tenant, user.email, user.password, on));
    expect([zap.value.status, zap.value.text]).toEqual([lost.value.status, lost.value.text]);
    expect(zap.cost).toMatchObject({ links: 6, trips: 2 });

    const read = await call(tokens.accessToken, 'GET', userPath(user.userId));
    expectError(read, INVALID_TOKEN);
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
    const change = { newPassword: t.newPassword(), session: challenge };
    const forced = await t.vbaChange(tenant, { userID: temporary.userId, ...change });
    expect(forced.status).toBe(401);
    const { sessionId } = session;
    expect((await getSession(tenant.readerToken, { sessionId })).status).toBe(404);
  });
});

describe('a locked user', () => {
  const changeBy = async (userId: string, proof: object) => {
    const password = t.newPassword();
    const body = { newPassword: { password }, ...proof };
    return { password, answer: await t.zitadelChange(tenant.serviceToken, userId, body) };
  };

  it('may be given a password by code and by authority, and stays locked', async () => {
    const user = await makeIn('locked');
    const verificationCode = await t.resetCode(tenant, user.userId);
    for (const proof of [{ verificationCode }, {}]) {
      const { password, answer } = await changeBy(user.userId, proof);
      expectDetails(answer, tenant);
      expect((await showUser(tenant, user.userId)).state).toBe('USER_STATE_LOCKED');
      expect((await t.vbaSignIn(tenant, user.userId, password)).status).toBe(401);
      await mustStep(tenant, user.userId, 'unlock');
      expect((await t.vbaSignIn(tenant, user.userId, password)).status).toBe(200);
      await mustStep(tenant, user.userId, 'lock');
    }
  });

  it('that is deactivated may not, and is brought back by reactivation', async () => {
    const user = await makeIn('inactive');
    const row: ErrorRow = [404, 5, 'COMMAND-G8dh3', 'Password not found'];
    for (const proof of [
      {},
      { verificationCode: 'ABCDEFGH' },
      { currentPassword: user.password },
    ]) {
      expectError((await changeBy(user.userId, proof)).answer, row);
    }
    const reset = `${userPath(user.userId)}/password_reset`;
    const code = await call(tenant.serviceToken, 'POST', reset, { returnCode: {} });
    expectError(code, [404, 5, 'COMMAND-SAF4f', 'User could not be found']);
    await mustStep(tenant, user.userId, 'reactivate');
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
    expect((await t.zapLogin(tenant, user.email, user.password)).status).toBe(200);
    const session = await openSession(tenant, user);
    expect((await getSession(tenant.apiKey, session)).status).toBe(200);
  });

  it.each(['unlock', 'reactivate'] as const)('need not wait any more after %s', async (step) => {
    const user = await addHuman(tenant);
    const back = step === 'unlock' ? 'lock' : 'deactivate';
    await mustStep(tenant, user.userId, back);
    for (let i = 0; i < 10; i += 1) {
      await t.vbaSignIn(tenant, user.userId, user.password);
      await t.zapLogin(tenant, user.email, user.password);
    }
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(429);
    await mustStep(tenant, user.userId, step);
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
    expect((await t.zapLogin(tenant, user.email, user.password)).status).toBe(200);
  });
});
