// After a hundred wrong guesses in a row from one lane the password opens nothing there, right or not.
import { beforeAll, describe, expect, it, vi } from 'vitest';
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
import { type Answer, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { runSchedule } from '../support/webhook.ts';

cheapenHashes();

const CLOSING = 100;

let tenant: t.TestTenant;
let guesser: Guesser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  guesser = createGuesser(tenant);
});

/** Ids are another's in each answer. */
function withoutIds({ text }: Answer): string {
  return text.replace(/[\da-f]{8}-[\da-f-]{27}/g, '');
}

describe('a hundred wrong guesses', () => {
  it('close the password, which is not looked at any more, at the same cost and with the same answer', async () => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.setGuesses(user, CLOSING - 1);
    const last = await guesser.signIn(user, WRONG, ELSEWHERE);
    expect(last.status).toBe(401);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ isClosed: true });
    await guesser.waitOut();
    const { value, cost } = await measure(() => guesser.signIn(user, user.password, ELSEWHERE));
    expect(value.status).toBe(401);
    expect(withoutIds(value)).toBe(withoutIds(last));
    expect(cost.links).toBe(6);
  });

  it('are a hundred: the right password opens after ninety-nine', async () => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.setGuesses(user, CLOSING - 1);
    expect((await guesser.signIn(user, user.password, ELSEWHERE)).status).toBe(200);
    expect(await guesser.readLanes(user)).toContainEqual({
      source: '',
      failures: 0,
      signed_in_at: null,
    });
  });

  it.each(DOORS)('close it at %s', async (door) => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.setGuesses(user, CLOSING);
    const answer = await guesser.doors[door](user, user.password, at(ELSEWHERE));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 1 });
  });

  it('count under every name of the user, and never for another', async () => {
    const user = await t.makeUser(tenant);
    const names = [user.userId, user.email];
    for (const identity of names) {
      for (let i = 0; i < 3; i += 1) {
        await t.zapLogin(tenant, identity, WRONG);
        await t.vbaSignIn(tenant, identity, WRONG);
      }
    }
    const [strangers] = await guesser.readLanes(user);
    expect(strangers?.['failures']).toBeGreaterThanOrEqual(6);
    expect(await guesser.readLanes(await t.makeUser(tenant))).toEqual([]);
  });

  it('leave the owner where the owner signed in, and a code opens it again for all', async () => {
    const user = await t.makeUser(tenant);
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.run(
      `UPDATE lane SET failures = ? WHERE tenant_id = ? AND user_id = ? AND source = ''`,
      CLOSING,
      user,
    );
    expect((await guesser.signIn(user, user.password, HOME)).status).toBe(200);
    expect((await guesser.signIn(user, user.password, ELSEWHERE)).status).toBe(401);
    const password = t.newPassword();
    const reset = await guesser.post(`/v2/users/${user.userId}/password`, at(ELSEWHERE), {
      newPassword: { password },
      verificationCode: await t.resetCode(tenant, user.userId),
    });
    expect(reset.status).toBe(200);
    expect((await guesser.signIn(user, password, ELSEWHERE)).status).toBe(200);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ isClosed: false });
  });

  it('are forgotten by an administrator who sets another password', async () => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.setGuesses(user, CLOSING);
    const password = t.newPassword();
    const set = await guesser.post(`/v2/users/${user.userId}/password`, at(HOME), {
      newPassword: { password },
    });
    expect(set.status).toBe(200);
    expect((await guesser.signIn(user, password, ELSEWHERE)).status).toBe(200);
  });

  it('are events of the user, which name why', async () => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.setGuesses(user, CLOSING);
    await guesser.signIn(user, user.password, ELSEWHERE);
    const events = await t.listEvents(tenant, user.userId);
    expect(events.at(-1)).toMatchObject({ type: 'sign-in.refused', facts: { reason: 'closed' } });
  });

  it('counts at most as many as were reserved, when many come at once', async () => {
    const user = await t.makeUser(tenant);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => guesser.signIn(user, WRONG, ELSEWHERE)),
    );
    const looked = answers.filter(({ status }) => status === 401).length;
    expect(looked).toBe(LIMIT);
    const [strangers] = await guesser.readLanes(user);
    expect(strangers?.['failures']).toBe(LIMIT);
  });

  it('do not count what was no guess', async () => {
    const user = await t.makeUser(tenant);
    for (let i = 0; i < 3; i += 1) {
      const weak = await guesser.post(`/v2/users/${user.userId}/password`, at(ELSEWHERE), {
        newPassword: { password: 'short' },
        currentPassword: user.password,
      });
      expect(weak.status).toBe(400);
    }
    expect(await guesser.readLanes(user)).toEqual([
      { source: '', failures: 0, signed_in_at: null },
    ]);
  });

  it('are never forgotten by the clean-up', async () => {
    const user = await t.makeUser(tenant);
    await guesser.guess(user, ELSEWHERE, 1);
    await guesser.setGuesses(user, CLOSING);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 400 * 24 * 3_600_000);
    await runSchedule();
    clock.mockRestore();
    expect((await guesser.signIn(user, user.password, ELSEWHERE)).status).toBe(401);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ isClosed: true });
  });
});
