// Hashes that another system made: adopted as they are, verified at every door, and hashed anew at the first sign-in.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { addHuman, CREATORS, call, describeHuman, UPDATERS } from '../../support/zitadel-users.ts';
import { type ErrorRow, expectDetails, expectError, WRONG_PASSWORD } from './wire.ts';

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

interface Recipe {
  readonly rounds?: number;
  readonly saltBytes?: number;
  readonly outputBytes?: number;
  readonly hash?: 'SHA-256' | 'SHA-512';
}

/** Standard PBKDF2, as other systems have it. */
async function derive(password: string, recipe: Recipe = {}) {
  const { rounds = 1000, saltBytes = 16, outputBytes = 32, hash = 'SHA-256' } = recipe;
  const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
  const secret = new TextEncoder().encode(password);
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash, salt, iterations: rounds };
  const output = new Uint8Array(await crypto.subtle.deriveBits(how, key, outputBytes * 8));
  return { rounds, salt: encode(salt), output: encode(output) };
}

const encode = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const bare = (text: string) => text.replace(/=+$/, '');
const adapted = (text: string) => bare(text).replaceAll('+', '.');

/** Each way in which the same hash can be written. */
const FORMS: [string, Recipe, (derived: Awaited<ReturnType<typeof derive>>) => string][] = [
  ...[1, 29_000, 100_000].map((rounds): (typeof FORMS)[number] => [
    `passlib's form of ${rounds} rounds`,
    { rounds },
    ({ salt, output }) => `$pbkdf2-sha256$${rounds}$${adapted(salt)}$${adapted(output)}`,
  ]),
  [
    'padded standard base64',
    {},
    ({ rounds, salt, output }) => `$pbkdf2-sha256$${rounds}$${salt}$${output}`,
  ],
  [
    'bare standard base64',
    {},
    ({ rounds, salt, output }) => `$pbkdf2-sha256$${rounds}$${bare(salt)}$${bare(output)}`,
  ],
  [
    'the shortest salt',
    { saltBytes: 8 },
    ({ rounds, salt, output }) => `$pbkdf2-sha256$${rounds}$${adapted(salt)}$${adapted(output)}`,
  ],
  [
    'the longest salt',
    { saltBytes: 64 },
    ({ rounds, salt, output }) => `$pbkdf2-sha256$${rounds}$${adapted(salt)}$${adapted(output)}`,
  ],
  [
    'our own form of one link',
    {},
    ({ rounds, salt, output }) =>
      `$pbkdf2c-sha256$i=${rounds},c=100000$${bare(salt)}$${bare(output)}`,
  ],
];

const hashOf = async (password: string) => {
  const { rounds, salt, output } = await derive(password);
  return `$pbkdf2-sha256$${rounds}$${adapted(salt)}$${adapted(output)}`;
};

async function readStored(userId: string): Promise<{ hash: string; version: number }> {
  const row = await t
    .databaseOf(tenant)
    .prepare('SELECT hash, version FROM credential WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, userId)
    .first<{ hash: string; version: number }>();
  if (row === null) throw new Error('no credential');
  return row;
}

async function importUser(hash: string, changeRequired = false) {
  const human = { ...describeHuman(), hashedPassword: { hash, changeRequired } };
  const made = await call(tenant.serviceToken, 'POST', 'users/human', human);
  expect([made.status, made.text]).toEqual([200, expect.any(String)]);
  return { userId: made.body.userId as string, email: human.email.email };
}

describe('a hash', () => {
  it.each(FORMS)('in %s is the password', async (_, recipe, write) => {
    const password = t.newPassword();
    const { userId } = await importUser(write(await derive(password, recipe)));
    expect((await t.vbaSignIn(tenant, userId, `${password}!`)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(200);
  });

  it.each<
    [string, (user: { userId: string; email: string }, password: string) => Promise<Answer>, number]
  >([
    ['VBA', ({ userId }, password) => t.vbaSignIn(tenant, userId, password), 200],
    ['ZAP', ({ email }, password) => t.zapLogin(tenant, email, password), 200],
    [
      'ZITADEL',
      ({ userId }, password) =>
        call(tenant.serviceToken, 'POST', 'sessions', {
          checks: { user: { userId }, password: { password } },
        }),
      201,
    ],
  ])('opens the door of %s, and is hashed anew there', async (_, signIn, status) => {
    const password = t.newPassword();
    const hash = await hashOf(password);
    const user = await importUser(hash);
    const before = await readStored(user.userId);
    expect(before.hash).toMatch(/^\$pbkdf2c-sha256\$i=1000,c=100000,k=/);
    // Sealed: what was imported does not lie there to be stolen.
    expect(before.hash).not.toContain(hash.split('$').at(-1)?.replaceAll('.', '+'));
    const wrong = await measure(() => signIn(user, `${password}!`));
    expect(wrong.value.status).toBeGreaterThanOrEqual(400);
    // Its own short link, and what is missing to the iterations of ours.
    expect(wrong.cost.links).toBe(1 + 6);
    expect(await readStored(user.userId)).toEqual(before);

    const first = await measure(() => signIn(user, password));
    expect([first.value.status, first.cost.links]).toEqual([status, 1 + 6]);
    const after = await readStored(user.userId);
    expect(after.hash).toMatch(/^\$pbkdf2c-sha256\$i=600000,c=100000,k=/);
    expect(after.version).toBe(before.version);
    const second = await measure(() => signIn(user, password));
    expect([second.value.status, second.cost.links]).toEqual([status, 6]);
    expect(await readStored(user.userId)).toEqual(after);
  });

  it('with changeRequired is a temporary password', async () => {
    const password = t.newPassword();
    const { userId } = await importUser(await hashOf(password), true);
    const signedIn = await t.vbaSignIn(tenant, userId, password);
    const { session } = signedIn.body.data;
    const newPassword = t.newPassword();
    const changed = await t.vbaChange(tenant, { userID: userId, newPassword, session });
    expect(changed.status).toBe(200);
    expect((await t.vbaSignIn(tenant, userId, newPassword)).status).toBe(200);
  });

  it('is the current password that a change asks for', async () => {
    const password = t.newPassword();
    const { userId } = await importUser(await hashOf(password));
    const body = (currentPassword: string) => ({
      newPassword: { password: t.newPassword() },
      currentPassword,
    });
    const wrong = await t.zitadelChange(tenant.readerToken, userId, body(`${password}!`));
    expectError(wrong, WRONG_PASSWORD);
    const right = await t.zitadelChange(tenant.readerToken, userId, body(password));
    expectDetails(right, tenant);
  });
});

describe.each(UPDATERS)('$name', ({ update }) => {
  it.each<[string, (user: t.TestUser) => Promise<object>, number]>([
    ['authority', async () => ({}), 0],
    ['the current password', async ({ password }) => ({ currentPassword: password }), 6],
    ['a code', async ({ userId }) => ({ verificationCode: await t.resetCode(tenant, userId) }), 0],
  ])('takes a hash by %s, and no policy judges it', async (_, prove, links) => {
    const user = await addHuman(tenant);
    const password = 'short';
    const hashedPassword = { hash: await hashOf(password) };
    const body = { password: { hashedPassword, ...(await prove(user)) } };
    const { value, cost } = await measure(() => update(tenant.serviceToken, user.userId, body));
    expect([value.status, cost.links]).toEqual([200, links]);
    // The same request once more, after its answer was lost.
    expect((await update(tenant.serviceToken, user.userId, body)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, password)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(401);
  });
});

const OUTPUT = 'A'.repeat(43);
const SALT = 'c2FsdHNhbHRzYWx0c2FsdA';

/** What cannot be verified here, or would cost more than the platform gives. */
const REFUSED: [string, string][] = [
  ['bcrypt', '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
  ['argon2id', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'],
  ['pbkdf2-sha512', `$pbkdf2-sha512$1000$${SALT}$${'A'.repeat(86)}`],
  ['pbkdf2-sha1', `$pbkdf2$1000$${SALT}$${'A'.repeat(27)}`],
  ['100,001 rounds', `$pbkdf2-sha256$100001$${SALT}$${OUTPUT}`],
  ['290,000 rounds', `$pbkdf2-sha256$290000$${SALT}$${OUTPUT}`],
  ['no rounds', `$pbkdf2-sha256$0$${SALT}$${OUTPUT}`],
  ['rounds that begin with 0', `$pbkdf2-sha256$01000$${SALT}$${OUTPUT}`],
  ['a cut output', `$pbkdf2-sha256$1000$${SALT}$${'A'.repeat(22)}`],
  ['a longer output', `$pbkdf2-sha256$1000$${SALT}$${'A'.repeat(86)}`],
  ['a short salt', `$pbkdf2-sha256$1000$c2FsdHM$${OUTPUT}`],
  ['a huge salt', `$pbkdf2-sha256$1000$${'A'.repeat(88)}$${OUTPUT}`],
  ['many tiny links', `$pbkdf2c-sha256$i=600000,c=1$${SALT}$${OUTPUT}`],
  ['a link above the cap', `$pbkdf2c-sha256$i=100001,c=100001$${SALT}$${OUTPUT}`],
  ['the own form without its cost', `$pbkdf2c-sha256$i=1000$${SALT}$${OUTPUT}`],
  ['the foreign form with a cost', `$pbkdf2-sha256$1000,c=100000$${SALT}$${OUTPUT}`],
  ['a sealed one', `$pbkdf2c-sha256$i=1000,c=100000,k=p1$${SALT}$${'A'.repeat(80)}`],
  ['no base64', `$pbkdf2-sha256$1000$${SALT}$${'-'.repeat(43)}`],
  ['text', 'a password in the clear'],
];

describe('a hash that cannot be verified', () => {
  const text =
    'Password hash encoding not supported. Check out https://zitadel.com/docs/concepts/architecture/secrets#hashed-secrets';

  it.each(REFUSED)('is refused: %s', async (_, hash) => {
    const user = await addHuman(tenant);
    const before = await dumpTenant(tenant);
    const hashedPassword = { hash };
    for (const { name, create } of CREATORS) {
      const human = { ...describeHuman(), hashedPassword };
      const id = name === 'AddHumanUser' ? 'USER-JDk4t' : 'USER-oz74onzvqr';
      const row: ErrorRow = [400, 3, id, text];
      expectError(await create(tenant.serviceToken, tenant.orgId, human), row);
    }
    for (const { update } of UPDATERS) {
      for (const proof of [{}, { currentPassword: user.password }, { verificationCode: 'A' }]) {
        const body = { username: 'never', password: { hashedPassword, ...proof } };
        const { value, cost } = await measure(() => update(tenant.serviceToken, user.userId, body));
        expectError(value, [400, 3, 'USER-oz74onzvqr', text]);
        expect(cost.links).toBe(0);
      }
    }
    expect(await dumpTenant(tenant)).toBe(before);
  });
});
