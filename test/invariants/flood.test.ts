// Strangers who guess at many users are stopped by their source, and by the tenant's own bucket when they have many
// sources; and none of it stops an owner, a code, a key or another tenant.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SOURCE_PACE, TENANT_PACE } from '../../src/core/flood.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { at, createGuesser, ELSEWHERE, type Guesser, HOME, WRONG } from '../support/guesser.ts';
import { overtake } from '../support/held-commit.ts';
import { type Answer, type Env, measure, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

cheapenHashes();

let tenant: t.TestTenant;
let guesser: Guesser;
let user: t.TestUser;

beforeEach(async () => {
  tenant = await t.makeTenant();
  guesser = createGuesser(tenant);
  user = await t.makeUser(tenant);
});

function post(path: string, address: string, body: unknown, on?: Env): Promise<Answer> {
  return send(
    `http://${tenant.host}:8787${path}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...at(address) },
      body: JSON.stringify(body),
    },
    on,
  );
}

function logIn(identity: string, password: string, address: string, on?: Env): Promise<Answer> {
  return post('/v1/login', address, { identity, password }, on);
}

/** Leaves so many in the buckets that are there. */
async function leave(count: number, which: 'source' | 'tenant'): Promise<void> {
  const { interval, span } = which === 'source' ? SOURCE_PACE : TENANT_PACE;
  await t
    .databaseOf(tenant)
    .prepare(`UPDATE flood SET full_at = ? WHERE tenant_id = ? AND (source = '') = ?`)
    .bind(Date.now() + span - count * interval, tenant.orgId, which === 'tenant' ? 1 : 0)
    .run();
}

async function readBuckets(): Promise<{ source: string; full_at: number }[]> {
  const { results } = await t
    .databaseOf(tenant)
    .prepare('SELECT source, full_at FROM flood WHERE tenant_id = ? ORDER BY source')
    .bind(tenant.orgId)
    .all<{ source: string; full_at: number }>();
  return results;
}

function expectFlooded(answer: Answer, seconds: number): void {
  expect(answer.status).toBe(429);
  const wait = Number(answer.headers.get('retry-after'));
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(seconds);
}

describe('the bucket of a source', () => {
  it('stops guesses at one user after another, without a hash', async () => {
    expect((await logIn('nobody-1@mail.example', WRONG, ELSEWHERE)).status).toBe(401);
    await leave(2, 'source');
    expect((await logIn('nobody-2@mail.example', WRONG, ELSEWHERE)).status).toBe(401);
    expect((await logIn(user.email, WRONG, ELSEWHERE)).status).toBe(401);
    const { value, cost } = await measure((on) => logIn(user.email, user.password, ELSEWHERE, on));
    expectFlooded(value, 10);
    expect(cost).toMatchObject({ links: 0, trips: 1 });
    expect((await logIn('nobody-3@mail.example', WRONG, '198.51.100.5')).status).toBe(401);
  });

  it('holds sixty', async () => {
    await logIn('nobody@mail.example', WRONG, ELSEWHERE);
    const [, bucket] = await readBuckets();
    expect((bucket?.full_at ?? 0) - Date.now()).toBeLessThanOrEqual(SOURCE_PACE.interval);
    expect(SOURCE_PACE.span / SOURCE_PACE.interval).toBe(60);
  });

  it('lets in as many as it holds when many come at once', async () => {
    await logIn('nobody@mail.example', WRONG, ELSEWHERE);
    await leave(3, 'source');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => logIn(`nobody-${i}@mail.example`, WRONG, ELSEWHERE)),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17);
  });

  it('gets back what a right password took', async () => {
    const before = Date.now();
    expect((await logIn(user.email, user.password, ELSEWHERE)).status).toBe(200);
    const buckets = await readBuckets();
    expect(buckets).toHaveLength(2);
    for (const { full_at: fullAt } of buckets) expect(fullAt).toBeLessThanOrEqual(Date.now());
    expect(Math.max(...buckets.map(({ full_at: fullAt }) => fullAt))).toBeGreaterThanOrEqual(
      before,
    );
  });

  it('gets nothing back when the sign-in was overtaken, and so wrote nothing', async () => {
    const before = Date.now();
    const path = `${user.userId}/lock`;
    const answer = await overtake(
      (on) => logIn(user.email, user.password, ELSEWHERE, on),
      () => t.zitadel(tenant.serviceToken, path, {}),
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const [, bucket] = await readBuckets();
    expect(bucket?.full_at).toBeGreaterThanOrEqual(before + SOURCE_PACE.interval);
  });

  it('is not asked where the user signed in before', async () => {
    expect((await logIn(user.email, user.password, HOME)).status).toBe(200);
    await leave(0, 'source');
    await leave(0, 'tenant');
    expect((await logIn(user.email, user.password, HOME)).status).toBe(200);
    expectFlooded(await logIn('nobody@mail.example', WRONG, HOME), 10);
  });

  it('is asked for requests of codes, which tell nothing by it', async () => {
    await post('/v1/otp/forgotPassword', ELSEWHERE, { identity: user.email });
    await leave(0, 'source');
    const [known, unknown] = await Promise.all(
      [user.email, 'nobody@mail.example'].map((identity) =>
        post('/v1/otp/forgotPassword', ELSEWHERE, { identity }),
      ),
    );
    expectFlooded(known as Answer, 10);
    expect(unknown?.text).toBe(known?.text);
  });

  it('fills again by itself', async () => {
    await logIn('nobody@mail.example', WRONG, ELSEWHERE);
    await leave(0, 'source');
    expectFlooded(await logIn(user.email, WRONG, ELSEWHERE), 10);
    await leave(1, 'source');
    expect((await logIn(user.email, user.password, ELSEWHERE)).status).toBe(200);
  });

  it('is not asked of keys, which have buckets of their own, nor when the source is not known', async () => {
    expect((await guesser.signIn(user, WRONG, ELSEWHERE)).status).toBe(401);
    expect((await t.zapLogin(tenant, user.email, WRONG)).status).toBe(401);
    expect(await readBuckets()).toEqual([]);
  });
});

describe('the bucket of a tenant', () => {
  // It fills fifty times a second.
  beforeEach(async () => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    expect((await logIn(user.email, user.password, HOME)).status).toBe(200);
    await leave(0, 'tenant');
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('stops strangers wherever they come from', async () => {
    for (const address of [ELSEWHERE, '198.51.100.77', '2001:db8:9::1']) {
      expectFlooded(await logIn('nobody@mail.example', WRONG, address), 1);
      expectFlooded(await logIn(user.email, user.password, address), 1);
    }
  });

  it('stops nobody where they signed in before', async () => {
    expect((await logIn(user.email, user.password, HOME)).status).toBe(200);
  });

  it('stops no other tenant', async () => {
    const other = await t.makeTenant();
    const someone = await t.makeUser(other);
    expect((await t.zapLogin(other, someone.email, someone.password)).status).toBe(200);
  });

  it('stops neither a code nor the change with it', async () => {
    const asked = await post('/v1/otp/forgotPassword', ELSEWHERE, { identity: user.email });
    expect(asked.status).not.toBe(429);
    const otp = await t.resetCode(tenant, user.userId);
    const newPassword = t.newPassword();
    const body = { identity: user.email, otp, newPassword };
    expect((await post('/v1/forgotPassword', ELSEWHERE, body)).status).toBe(200);
    expect((await logIn(user.email, newPassword, HOME)).status).toBe(200);
  });
});
