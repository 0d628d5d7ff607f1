// Whoever calls without a token cannot tell who is a user: the answer and its cost are the same for everyone.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../../support/cheap-hashes.ts';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import { mustStep } from '../../support/zitadel-users.ts';
import { call, expectData, expectFailure, see } from './call.ts';
import * as people from './people.ts';

cheapenHashes();

const GUESS = 'no password of anyone here';

let receiver: Receiver;
let tenant: t.TestTenant;

beforeAll(async () => {
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(watchFetch);

afterEach(() => {
  vi.restoreAllMocks();
});

interface Named {
  readonly why: string;
  readonly userId: string;
  readonly username: string;
  readonly email: string;
}

/** Whoever could be told apart. */
async function makeUsers(): Promise<Named[]> {
  const known = await people.makePerson(tenant);
  const coded = await people.makePerson(tenant);
  await people.sentReset(receiver, coded);
  await people.sentOtp(receiver, coded);
  const expired = await people.makePerson(tenant);
  await people.sentReset(receiver, expired);
  const eager = await people.makePerson(tenant);
  for (let i = 0; i < 6; i += 1) {
    await people.askReset(tenant, eager.email);
    await people.askOtp(tenant, eager);
  }
  await t
    .databaseOf(tenant)
    .prepare('UPDATE code SET expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, expired.userId)
    .run();
  const disabled = await people.makePerson(tenant);
  await people.sentReset(receiver, disabled);
  await t.disableUser(tenant, disabled.userId);
  const locked = await people.makePerson(tenant);
  await mustStep(tenant, locked.userId, 'lock');
  const abroad = await makeReceiver();
  const foreigner = await people.makePerson(abroad.tenant);
  const hermit = await people.makeHermit(tenant);
  return [
    { why: 'known', ...known },
    { why: 'known, with codes out', ...coded },
    { why: 'known, with codes that have expired', ...expired },
    { why: 'known, with as many messages as there may be', ...eager },
    { why: 'deactivated, with a code out', ...disabled },
    { why: 'locked by an administrator', ...locked },
    { why: 'temporary', ...(await t.makeUser(tenant, { temporary: true })) },
    { why: 'without a password', ...(await t.makeUser(tenant, { withoutPassword: true })) },
    { why: 'without an address', ...hermit, email: `${hermit.userId}@mail.example` },
    { why: 'of another tenant', ...foreigner },
    {
      why: 'unknown',
      userId: 'nobody',
      username: 'nobody',
      email: 'nobody@mail.example',
    },
  ];
}

/** What a stranger sees, the cost of it included. */
function perceive(answer: Answer): unknown {
  return { ...see(answer), cost: answer.headers.get('server-timing') };
}

const code = { otp: '00000000' };
const newPassword = 'violet harbour at dawn';

const DOORS: readonly [string, number, (user: Named) => readonly [path: string, body: object]][] = [
  [
    'a login by username',
    401,
    ({ username: identity }) => ['/v1/login', { identity, password: GUESS }],
  ],
  ['a login by email', 401, ({ email: identity }) => ['/v1/login', { identity, password: GUESS }]],
  ['a second factor', 200, ({ userId, email }) => ['/v1/otp', { userId, email }]],
  [
    'a second factor to a stranger',
    200,
    ({ userId }) => ['/v1/otp', { userId, email: 'thief@mail.example' }],
  ],
  [
    'a second factor to a phone',
    200,
    ({ userId }) => ['/v1/otp', { userId, phoneNumber: '+41791234567' }],
  ],
  ['another code by email', 200, ({ email }) => ['/v1/otp/resend', { email }]],
  ['another code by username', 200, ({ username }) => ['/v1/otp/resend', { username }]],
  ['a reset code by email', 200, ({ email: identity }) => ['/v1/otp/forgotPassword', { identity }]],
  [
    'a reset code by username',
    200,
    ({ username: identity }) => ['/v1/otp/forgotPassword', { identity }],
  ],
  ['a check of a code', 400, ({ email: identity }) => ['/v1/otp/verify', { identity, ...code }]],
  [
    'a reset by email',
    400,
    ({ email: identity }) => ['/v1/forgotPassword', { identity, newPassword, ...code }],
  ],
  [
    'a reset by username',
    400,
    ({ username: identity }) => ['/v1/forgotPassword', { identity, newPassword, ...code }],
  ],
  [
    'a reset to a bad password',
    400,
    ({ email: identity }) => ['/v1/forgotPassword', { identity, newPassword: '\t', ...code }],
  ],
];

describe('a stranger cannot tell users apart', () => {
  let users: Named[];

  beforeAll(async () => {
    watchFetch();
    users = await makeUsers();
  });

  it.each(DOORS)('by %s', async (_, status, ask) => {
    const seen: { readonly why: string; readonly what: unknown }[] = [];
    for (const user of users) {
      const [path, body] = ask(user);
      const answer = await call(tenant, path, { body });
      if (status === 200) expectData(answer);
      else expectFailure(answer, status);
      seen.push({ why: user.why, what: perceive(answer) });
    }
    for (const { why, what } of seen) expect(what, why).toEqual(seen[0]?.what);
  });

  it('while the users whom the codes are for get them', () => {
    const [known] = users;
    const { userId = '' } = known ?? {};
    expect(people.listCodes(receiver, userId, 'otp').length).toBeGreaterThan(0);
    expect(people.listCodes(receiver, userId, 'reset').length).toBeGreaterThan(0);
  });
});
