// A hash does not freeze the isolate: another request gets its turn after three links, and from then on after
// every one. Counted in links, no clock.
import { expect, it } from 'vitest';
import { countDerivations } from '../support/iteration-cap.ts';
import { send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

const LINKS_PER_HASH = 6;
const LINKS_ALONE = 3;

it('serves other requests while a password is hashed', async () => {
  const tenant = await t.makeTenant();
  const user = await t.makeUser(tenant);
  const before = countDerivations();
  let isDone = false;
  const signIn = t.vbaSignIn(tenant, user.userId, user.password).finally(() => {
    isDone = true;
  });
  const turns: number[] = [];
  while (!isDone) {
    expect((await send('/healthz')).status).toBe(200);
    turns.push(countDerivations() - before);
    await scheduler.wait(0);
  }
  expect((await signIn).status).toBe(200);
  expect(countDerivations() - before).toBe(LINKS_PER_HASH);
  // How many links went by between two turns, from the first link to the last.
  const waits = turns.map((links, index) => links - (turns[index - 1] ?? 0)).filter(Boolean);
  expect(waits.length).toBeGreaterThan(1);
  expect(waits[0]).toBeLessThanOrEqual(LINKS_ALONE);
  expect(Math.max(...waits.slice(1))).toBe(1);
});

it('rests no more often for those who come for a hash themselves: they wait for their turn', async () => {
  const tenant = await t.makeTenant();
  const users = [await t.makeUser(tenant), await t.makeUser(tenant), await t.makeUser(tenant)];
  const before = countDerivations();
  let answered = 0;
  const waits: number[] = [];
  const signIns = users.map(async ({ userId, password }, index) => {
    // The second and the third come while the first one hashes.
    while (index > 0 && countDerivations() === before) await scheduler.wait(0);
    const { status } = await t.vbaSignIn(tenant, userId, password);
    answered += 1;
    return status;
  });
  let seen = 0;
  while (answered < users.length) {
    await scheduler.wait(0);
    const links = countDerivations() - before;
    if (links > seen) waits.push(links - seen);
    seen = links;
  }
  expect(await Promise.all(signIns)).toEqual([200, 200, 200]);
  expect(countDerivations() - before).toBe(users.length * LINKS_PER_HASH);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(LINKS_ALONE);
});
