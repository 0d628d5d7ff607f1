// Keys rotate while the service is used: Workers with the secrets of before and of after answer the same users in turn, on
// the same databases, and nobody notices.
import { env } from 'cloudflare:workers';
import { decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Env, send } from '../support/rekey.ts';
import {
  findRotation,
  makeEnv,
  ROTATIONS,
  readActiveId,
  withoutOld,
} from '../support/rotations.ts';
import * as t from '../support/tenant.ts';

interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

const BEFORE = makeEnv({});
const AFTER_ALL = makeEnv(ROTATIONS.at(-1)?.secrets ?? {});

let tenant: t.TestTenant;
/** Whoever used the service, with the password of now. */
const people = new Map<string, string>();
/** Of each phase the tokens that were got in it. */
const kept: Tokens[] = [];

beforeAll(async () => {
  tenant = await t.makeTenant();
});

function expectOk(answer: Answer): Answer {
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

function readTokens(answer: Answer): Tokens {
  return expectOk(answer).body.data.authenticationResult;
}

async function signIn(userId: string, on: Env): Promise<Tokens> {
  return readTokens(await t.vbaSignIn(tenant, userId, people.get(userId) ?? '', on));
}

async function newcomer(temporary = false): Promise<t.TestUser> {
  const user = await t.makeUser(tenant, { temporary });
  people.set(user.userId, user.password);
  return user;
}

/** It may not do this, but is told so only while it lives. */
async function isBelieved({ accessToken }: Tokens, on: Env): Promise<boolean> {
  const body = { newPassword: { password: 'x' } };
  return (await t.zitadelChange(accessToken, 'nobody', body, on)).status !== 401;
}

/** A sign-in, a refresh whose answer was lost, and the next one. */
async function useSession(one: Env, other: Env): Promise<void> {
  const { userId } = await newcomer();
  const tokens = await signIn(userId, one);
  const first = readTokens(await t.vbaRefresh(tenant, tokens, other));
  const again = readTokens(await t.vbaRefresh(tenant, tokens, one));
  expect(again.refreshToken).toBe(first.refreshToken);
  const second = readTokens(await t.vbaRefresh(tenant, first, one));
  expect(readTokens(await t.vbaRefresh(tenant, first, other)).refreshToken).toBe(
    second.refreshToken,
  );
  for (const on of [one, other]) expect(await isBelieved(second, on)).toBe(true);
  kept.push(readTokens(await t.vbaRefresh(tenant, second, other)));
}

/** A code of one Worker at the other, and the change repeated at the first. */
async function useCode(one: Env, other: Env): Promise<void> {
  const { userId } = await newcomer();
  const path = `${encodeURIComponent(userId)}/password_reset`;
  const asked = expectOk(await t.zitadel(tenant.serviceToken, path, { returnCode: {} }, one));
  const { verificationCode } = asked.body;
  const password = t.newPassword();
  const body = { newPassword: { password }, verificationCode };
  const [changed, again] = [
    expectOk(await t.zitadelChange(tenant.serviceToken, userId, body, other)),
    expectOk(await t.zitadelChange(tenant.serviceToken, userId, body, one)),
  ];
  expect(again.body.details.sequence).toBe(changed.body.details.sequence);
  people.set(userId, password);
  await signIn(userId, one);
}

/** A change by the current password, repeated at the other Worker. */
async function usePassword(one: Env, other: Env): Promise<void> {
  const { userId, password: currentPassword } = await newcomer();
  const password = t.newPassword();
  const body = { newPassword: { password }, currentPassword };
  const changed = expectOk(await t.zitadelChange(tenant.serviceToken, userId, body, one));
  const again = expectOk(await t.zitadelChange(tenant.serviceToken, userId, body, other));
  expect(again.body.details.sequence).toBe(changed.body.details.sequence);
  people.set(userId, password);
  await signIn(userId, other);
}

/** A challenge of one Worker, passed at the other, and repeated at the first. */
async function useChallenge(one: Env, other: Env): Promise<void> {
  const { userId, password } = await newcomer(true);
  const { session } = expectOk(await t.vbaSignIn(tenant, userId, password, one)).body.data;
  const newPassword = t.newPassword();
  const body = { userID: userId, newPassword, session };
  readTokens(await t.vbaChange(tenant, body, other));
  const tokens = readTokens(await t.vbaChange(tenant, body, one));
  expect(await isBelieved(tokens, other)).toBe(true);
  people.set(userId, newPassword);
  await signIn(userId, other);
}

const USES = [useSession, useCode, usePassword, useChallenge];

describe.each(ROTATIONS.map(({ kind }, index) => ({ kind, index })))(
  'the rotation of $kind keys',
  ({ index }) => {
    const before = makeEnv(ROTATIONS[index - 1]?.secrets ?? {});
    const after = makeEnv(ROTATIONS[index]?.secrets ?? {});

    it('fails no request while Workers of before and after answer in turn', async () => {
      await Promise.all(
        USES.map((use, place) =>
          place % 2 === index % 2 ? use(before, after) : use(after, before),
        ),
      );
      await useSession(after, before);
      await useCode(before, after);
    });

    it('leaves every token of before what it was, wherever it is shown', async () => {
      for (const [place, tokens] of kept.entries()) {
        for (const on of [before, after]) expect(await isBelieved(tokens, on)).toBe(true);
        // Turned, and lost; turned again, and kept.
        await t.vbaRefresh(tenant, tokens, place % 2 === 0 ? before : after);
        kept[place] = readTokens(await t.vbaRefresh(tenant, tokens, after));
      }
    });
  },
);

describe('after all', () => {
  it('what is made is under the keys of after, and tells who signed it', async () => {
    const { userId } = await newcomer();
    const { accessToken } = await signIn(userId, AFTER_ALL);
    const { keys } = (await send('/.well-known/jwks.json', {}, AFTER_ALL)).body;
    // The one that signs, the one that will, and the one that did.
    expect(keys).toHaveLength(3);
    const { kid } = decodeProtectedHeader(accessToken);
    expect(keys[0].kid).toBe(kid);
    const old = (await send('/.well-known/jwks.json', {}, BEFORE)).body.keys;
    expect(keys[2].kid).toBe(old[0].kid);
    expect(old[1].kid).toBe(kid);
    expect(JSON.stringify(keys)).not.toMatch(/"(?:d|made_at|retired_at)"/);
  });

  it('a key that was passed on long ago verifies nothing that lives, and still the ID token of a refresh', async () => {
    const { userId } = await newcomer();
    const tokens = await signIn(userId, BEFORE);
    const jwks = JSON.parse(findRotation('chain')['SIGNING_JWKS'] ?? '');
    jwks.keys[2].retired_at -= 3 * 24 * 3600;
    const on = { ...AFTER_ALL, SIGNING_JWKS: JSON.stringify(jwks) };
    expect((await send('/.well-known/jwks.json', {}, on)).body.keys).toHaveLength(2);
    expect(await isBelieved(tokens, on)).toBe(false);
    expect(await isBelieved(readTokens(await t.vbaRefresh(tenant, tokens, on)), on)).toBe(true);
  });

  it('a used refresh token is a stolen one, whichever key its successor was derived under', async () => {
    const { userId } = await newcomer();
    const stolen = await signIn(userId, BEFORE);
    const second = readTokens(await t.vbaRefresh(tenant, stolen, BEFORE));
    const third = readTokens(await t.vbaRefresh(tenant, second, AFTER_ALL));
    expect((await t.vbaRefresh(tenant, stolen, AFTER_ALL)).status).toBe(401);
    expect((await t.vbaRefresh(tenant, third, AFTER_ALL)).status).toBe(401);
  });

  it('two Workers that refresh the same token at once find one successor', async () => {
    const { userId } = await newcomer();
    const tokens = await signIn(userId, BEFORE);
    const answers = await Promise.all(
      [BEFORE, AFTER_ALL, BEFORE, AFTER_ALL].map((on) => t.vbaRefresh(tenant, tokens, on)),
    );
    const successors = answers.map((answer) => readTokens(answer).refreshToken);
    expect(new Set(successors).size).toBe(1);
  });

  it('a dropped MAC key ends the retries that it was for, and no session', async () => {
    const secrets = findRotation('chain');
    const dropped = makeEnv(withoutOld(secrets, 'MAC_KEYS'));
    const unused = await signIn((await newcomer()).userId, BEFORE);
    expect(await isBelieved(readTokens(await t.vbaRefresh(tenant, unused, dropped)), dropped)).toBe(
      true,
    );
    const used = await signIn((await newcomer()).userId, BEFORE);
    const successor = readTokens(await t.vbaRefresh(tenant, used, BEFORE));
    // Nobody can tell any more whether the successor was used: then the token may be a thief's.
    expect((await t.vbaRefresh(tenant, used, dropped)).status).toBe(401);
    expect((await t.vbaRefresh(tenant, successor, dropped)).status).toBe(401);
  });

  it('wrong guesses are counted on: no rotation opens a budget anew', async () => {
    const { userId } = await newcomer();
    const guess = (on: Env) => t.vbaSignIn(tenant, userId, 'no password of anybody here', on);
    for (let i = 0; i < 10; i += 1) {
      expect((await guess(i % 2 === 0 ? BEFORE : AFTER_ALL)).status).toBe(401);
    }
    for (const on of [BEFORE, AFTER_ALL]) expect((await guess(on)).status).toBe(429);
    people.delete(userId);
  });

  it('once all is sealed anew, every user signs in without the old pepper', async () => {
    for (const userId of [...people.keys()].slice(0, 5)) await signIn(userId, AFTER_ALL);
    let from: unknown;
    do {
      const body = from === undefined ? {} : { from };
      const portion = expectOk(await t.admin('POST', '/rewrap', body, AFTER_ALL)).body;
      expect(portion).toMatchObject({ outpaced: 0, unopened: 0 });
      from = portion.next;
    } while (from !== null);
    const secrets = findRotation('chain');
    const { results } = await env.DB.prepare('SELECT hash FROM credential').all<{ hash: string }>();
    const id = readActiveId(secrets, 'PEPPER_KEYS');
    expect(results.length).toBeGreaterThanOrEqual(people.size);
    for (const { hash } of results) expect(hash).toContain(`,k=${id}$`);
    const dropped = makeEnv(withoutOld(secrets, 'PEPPER_KEYS'));
    for (const userId of people.keys()) await signIn(userId, dropped);
  });
});
