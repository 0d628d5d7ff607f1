// What an old pepper sealed is sealed anew under the active one: in portions that may stop anywhere, beside whatever else
// happens to the same rows, and without a password.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { dumpDatabases, type Fault, makeFaultyEnv } from '../support/faulty.ts';
import { overtake } from '../support/held-commit.ts';
import { type Answer, type Env, measure } from '../support/rekey.ts';
import { findRotation, makeEnv, readActiveId, withoutOld } from '../support/rotations.ts';
import * as t from '../support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeDue,
  makeReceiver,
  passwordReset,
  type Receiver,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

cheapenHashes();

const ROTATED = findRotation('pepper');
const OLD = readActiveId(env as never, 'PEPPER_KEYS');
const ACTIVE = readActiveId(ROTATED, 'PEPPER_KEYS');
const AFTER = makeEnv(ROTATED);
const DROPPED = makeEnv(withoutOld(ROTATED, 'PEPPER_KEYS'));
const SESSION_LINKS = 6;

let tenant: t.TestTenant;
let user: t.TestUser;

beforeAll(() => {
  watchFetch();
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
});

function rewrap(from: unknown = null, on: Env = AFTER): Promise<Answer> {
  return t.admin('POST', '/rewrap', from === null ? {} : { from }, on);
}

/** Where the rows of this test's tenant begin, so that those of others are no part of it. */
function findOwn(table: string) {
  return { place: 'db', table, after: table === 'tenant' ? [] : [tenant.orgId] };
}

interface Sum {
  readonly resealed: number;
  readonly outpaced: number;
  readonly unopened: number;
  readonly portions: number;
}

async function rewrapAll(on: Env = AFTER): Promise<Sum> {
  const sum = { resealed: 0, outpaced: 0, unopened: 0, portions: 0 };
  let from: unknown = null;
  do {
    const answer = await rewrap(from, on);
    expect(answer.status, answer.text).toBe(200);
    sum.resealed += answer.body.resealed;
    sum.outpaced += answer.body.outpaced;
    sum.unopened += answer.body.unopened;
    sum.portions += 1;
    from = answer.body.next;
  } while (from !== null);
  return sum;
}

async function readHash(userId = user.userId): Promise<string> {
  const row = await env.DB.prepare(
    'SELECT hash FROM credential WHERE tenant_id = ? AND user_id = ?',
  )
    .bind(tenant.orgId, userId)
    .first<{ hash: string }>();
  return row?.hash ?? '';
}

describe('a rewrap', () => {
  it('leaves version, sessions and password as they were, and derives nothing', async () => {
    const tokens = (await t.vbaSignIn(tenant, user.userId, user.password)).body.data
      .authenticationResult;
    const before = await t.readUser(tenant, user.userId);
    const { value, cost } = await measure((watched) =>
      rewrap(findOwn('credential'), { ...AFTER, DB: watched['DB'], DB_EU: watched['DB_EU'] }),
    );
    expect(value.body).toMatchObject({ activePepper: ACTIVE, outpaced: 0, unopened: 0 });
    expect(value.body.resealed).toBeGreaterThan(0);
    expect(cost).toMatchObject({ trips: 2, links: 0 });
    expect(await readHash()).toContain(`,k=${ACTIVE}$`);
    expect(await t.readUser(tenant, user.userId)).toEqual(before);
    expect((await t.vbaRefresh(tenant, tokens, DROPPED)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, user.password, DROPPED)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, 'another password', DROPPED)).status).toBe(401);
  });

  it('does nothing the second time', async () => {
    await rewrapAll();
    const state = await dumpDatabases();
    expect(await rewrapAll()).toMatchObject({ resealed: 0, outpaced: 0 });
    expect(await dumpDatabases()).toBe(state);
  });

  it('of a Worker that is behind undoes nothing', async () => {
    await rewrapAll();
    const behind = await rewrap(null, makeEnv({}));
    expect(behind.body).toMatchObject({ activePepper: OLD, resealed: 0 });
    expect(await readHash()).toContain(`,k=${ACTIVE}$`);
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
    expect(await readHash()).toContain(`,k=${ACTIVE}$`);
  });

  it('goes through many rows portion by portion, in both databases, each once', async () => {
    const eu = await t.makeTenant({ place: 'eu' });
    const abroad = await t.makeUser(eu);
    const last = await t.makeUser(tenant, { userId: 'zz-last' });
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
         INSERT INTO account (tenant_id, user_id, profile, role, created_at, updated_at)
         SELECT ?, 'many-' || i, '{}', 'user', 0, 0 FROM n`,
      ).bind(tenant.orgId),
      env.DB.prepare(
        `INSERT INTO credential (tenant_id, user_id, version, hash, must_change, reset_required, changed_at, operation_id)
         SELECT tenant_id, user_id, 1, NULL, 0, 0, 0, 'made' FROM account WHERE tenant_id = ? AND user_id LIKE 'many-%'`,
      ).bind(tenant.orgId),
    ]);
    const { resealed, portions } = await rewrapAll();
    expect(resealed).toBeGreaterThanOrEqual(3);
    // Three tables of two databases, of which one has more rows than two portions hold.
    expect(portions).toBeGreaterThanOrEqual(6 + 2);
    for (const { userId, password } of [user, last]) {
      expect((await t.vbaSignIn(tenant, userId, password, DROPPED)).status).toBe(200);
    }
    expect((await t.vbaSignIn(eu, abroad.userId, abroad.password, DROPPED)).status).toBe(200);
  });

  it('tells what does not open, and leaves it', async () => {
    const other = await t.makeUser(tenant);
    const copied = await readHash(other.userId);
    await env.DB.prepare('UPDATE credential SET hash = ? WHERE tenant_id = ? AND user_id = ?')
      .bind(copied, tenant.orgId, user.userId)
      .run();
    expect((await rewrapAll()).unopened).toBe(1);
    expect(await readHash()).toBe(copied);
    expect((await t.vbaSignIn(tenant, other.userId, other.password, DROPPED)).status).toBe(200);
    await env.DB.prepare('UPDATE credential SET hash = NULL WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, user.userId)
      .run();
  });
});

describe('a rewrap that is broken off', () => {
  const faults: [string, Fault][] = [
    ['before it read', { kind: 'at-statement', batch: 0, statement: 0 }],
    ['after it read', { kind: 'after-commit', batch: 0 }],
    ['before it wrote', { kind: 'at-statement', batch: 1, statement: 0 }],
    ['after it wrote', { kind: 'after-commit', batch: 1 }],
  ];

  it.each(faults)('%s leaves every hash whole, and goes on', async (_, fault) => {
    const { on } = makeFaultyEnv(fault);
    const faulty = { ...AFTER, DB: on['DB'], DB_EU: on['DB_EU'] };
    expect((await rewrap(findOwn('credential'), faulty)).status).toBe(500);
    // Under the one pepper or the other, it is the password's.
    expect((await t.vbaSignIn(tenant, user.userId, user.password, makeEnv({}))).status).toBe(200);
    expect((await rewrap(findOwn('credential'))).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, user.password, DROPPED)).status).toBe(200);
  });
});

describe('a rewrap beside', () => {
  it('a change that is faster leaves it its hash', async () => {
    const other = await t.makeUser(tenant);
    const password = t.newPassword();
    const held = await overtake(
      (on) => rewrap(findOwn('credential'), { ...AFTER, DB: on['DB'], DB_EU: on['DB_EU'] }),
      async () => {
        const body = { newPassword: { password }, currentPassword: user.password };
        const changed = await t.zitadelChange(tenant.serviceToken, user.userId, body, AFTER);
        expect(changed.status).toBe(200);
      },
    );
    expect(held.body).toMatchObject({ outpaced: 1, unopened: 0 });
    expect((await t.vbaSignIn(tenant, user.userId, password, DROPPED)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, user.password, DROPPED)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, other.userId, other.password, DROPPED)).status).toBe(200);
  });

  it('a change that has read before does not hinder it', async () => {
    const password = t.newPassword();
    const body = { newPassword: { password }, currentPassword: user.password };
    const changed = await overtake(
      (on) =>
        t.zitadelChange(tenant.serviceToken, user.userId, body, {
          ...AFTER,
          DB: on['DB'],
          DB_EU: on['DB_EU'],
        }),
      () => rewrap(findOwn('credential')),
    );
    expect(changed.status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, password, DROPPED)).status).toBe(200);
  });

  it('many changes, sign-ins and other rewraps at once fails none, and loses none', async () => {
    const people = await Promise.all(
      [user.userId, 'b', 'c'].map(async (userId) => {
        return userId === user.userId ? user : t.makeUser(tenant, { userId });
      }),
    );
    const answers = await Promise.all(
      people.flatMap(({ userId, password }, place) => {
        const on = place % 2 === 0 ? AFTER : makeEnv({});
        const next = t.newPassword();
        const body = { newPassword: { password: next }, currentPassword: password };
        return [
          rewrap(findOwn('credential')),
          t.vbaSignIn(tenant, userId, password, on).then(async (answer) => {
            expect(answer.status).toBe(200);
            const changed = await t.zitadelChange(tenant.serviceToken, userId, body, on);
            people[place] = { ...people[place], password: next } as t.TestUser;
            return changed;
          }),
          rewrap(findOwn('credential')),
        ];
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await rewrapAll();
    for (const { userId, password } of people) {
      expect((await t.vbaSignIn(tenant, userId, password, DROPPED)).status).toBe(200);
    }
  });
});

it('a sign-in seals an old hash anew by itself, for no derivation more', async () => {
  const hash = await readHash();
  expect(hash).toContain(`,k=${OLD}$`);
  const { value, cost } = await measure((watched) =>
    t.vbaSignIn(tenant, user.userId, user.password, {
      ...AFTER,
      DB: watched['DB'],
      DB_EU: watched['DB_EU'],
    }),
  );
  expect(value.status).toBe(200);
  expect(cost).toMatchObject({ trips: 2, links: SESSION_LINKS });
  expect(await readHash()).toContain(`,k=${ACTIVE}$`);
  // Of the same derivation: the salt is the one of before.
  expect((await readHash()).split('$')[3]).toBe(hash.split('$')[3]);
});

describe('messages and the secrets of webhooks', () => {
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await makeReceiver();
  });

  it('are sent after the old pepper is gone', async () => {
    const person = await t.makeUser(receiver.tenant);
    receiver.reply = answerWith(500);
    expect((await passwordReset(receiver, person.userId)).status).toBe(200);
    const { body, id } = receiver.received.at(-1) ?? {};
    receiver.reply = ACCEPT;
    await makeDue(receiver.tenant);
    await runSchedule(DROPPED);
    expect(receiver.received).toHaveLength(1);
    await rewrapAll();
    await makeDue(receiver.tenant);
    await runSchedule(DROPPED);
    expect(receiver.received.slice(1)).toMatchObject([{ id, body }]);
  });

  it('leave the other settings as they were, and may be changed again', async () => {
    const path = `/tenants/${receiver.tenant.orgId}`;
    const before = (await t.admin('GET', path)).body;
    expect((await rewrapAll()).resealed).toBeGreaterThan(0);
    expect((await t.admin('GET', path)).body).toEqual(before);
    const changed = await t.admin('PATCH', path, { settings: { codeLife: 300 } });
    expect(changed.status).toBe(200);
  });
});
