// What strangers guess does not stop the owner: a source from which a user signed in has a budget of its own.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import {
  at,
  createGuesser,
  DOORS,
  ELSEWHERE,
  type Guesser,
  HOME,
  LIMIT,
  WRONG,
} from '../support/guesser.ts';
import { send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

cheapenHashes();

const DAY = 24 * 3_600_000;

let tenant: t.TestTenant;
let guesser: Guesser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  guesser = createGuesser(tenant);
});

describe('the lane of a source from which the user signed in', () => {
  it.each(DOORS)('is open at %s while strangers are made to wait', async (door) => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    await guesser.guess(user, ELSEWHERE, LIMIT);
    await guesser.waitOut();
    // The name that this door submits has a budget of its own.
    const call = guesser.doors[door];
    for (let i = 0; i < LIMIT; i += 1) await call(user, WRONG, at(ELSEWHERE));
    expect((await call(user, user.password, at(ELSEWHERE))).status).toBe(429);
    expect((await call(user, WRONG, at(HOME))).status).not.toBe(429);
    expect((await call(user, user.password, at(HOME))).status).toBeLessThan(300);
  });

  it('closes for a while, too, and leaves that of the strangers open', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    await guesser.guess(user, HOME, LIMIT);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(429);
    expect((await guesser.signIn(user, user.password, ELSEWHERE)).status).toBe(200);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(429);
  });

  it('is of that user alone', async () => {
    const owner = await t.makeUser(tenant);
    const neighbour = await t.makeUser(tenant);
    expect((await guesser.signIn(neighbour, neighbour.password, HOME)).status).toBe(200);
    await guesser.guess(owner, ELSEWHERE, LIMIT);
    expect((await guesser.signIn(owner, owner.password, HOME)).status).toBe(429);
  });

  it('is not made by a wrong password, nor by one that somebody else brings', async () => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, HOME, 1);
    const changed = await guesser.doors['zitadel change'](user, user.password, at(HOME));
    expect(changed.status).toBe(200);
    expect(await guesser.readLanes(user)).toEqual([
      { source: '', failures: 0, signed_in_at: null },
    ]);
  });

  it('is one for a whole /64, and for IPv4 however it is written', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, '2001:db8:7:7::1')).status).toBe(200);
    expect((await guesser.signIn(user, user.password, '::ffff:203.0.113.99')).status).toBe(200);
    await guesser.guess(user, ELSEWHERE, LIMIT);
    expect((await guesser.signIn(user, user.password, '2001:db8:7:8::1')).status).toBe(429);
    expect((await guesser.signIn(user, user.password, '2001:DB8:7:7:ffff::2')).status).toBe(200);
    expect((await guesser.signIn(user, user.password, '203.0.113.99')).status).toBe(200);
  });

  it('is told by no header that a caller can write', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    await guesser.guess(user, ELSEWHERE, LIMIT);
    const door = guesser.doors['vba sign-in'];
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'true-client-ip']) {
      const answer = await door(user, user.password, { ...at(ELSEWHERE), [name]: HOME });
      expect(answer.status, name).toBe(429);
    }
  });

  it('ends thirty days after the last sign-in from there', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    await guesser.guess(user, ELSEWHERE, LIMIT);
    const age =
      'UPDATE lane SET signed_in_at = signed_in_at - ? WHERE tenant_id = ? AND user_id = ?';
    await guesser.run(age, 30 * DAY - 60_000, user);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    await guesser.run(age, 30 * DAY, user);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(429);
  });

  it('is kept without the address', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    const lanes = await guesser.readLanes(user);
    expect(lanes).toHaveLength(2);
    expect(lanes[1]?.['source']).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(lanes)).not.toContain(HOME);
  });

  it('goes with the user', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    const deleted = await send(`/v2/users/${user.userId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${tenant.serviceToken}` },
    });
    expect(deleted.status).toBe(200);
    expect(await guesser.readLanes(user)).toEqual([]);
  });
});
