// Where every sequence begins: two tenants, in one database or in two, with users of the same ids and names.
import { expect } from 'vitest';
import * as t from '../support/tenant.ts';
import { makeReceiver, type Receiver } from '../support/webhook.ts';
import type { TakeLetter } from './call-codes.ts';
import { setClock, setSource } from './real.ts';
import { makeAccount } from './rules.ts';
import type { Person, Tenant, World } from './world.ts';

const START = Date.UTC(2027, 0, 4);
/** Well within the shortest life of a token. */
const ADMIN_SESSION = 40 * 60_000;

export interface Pair {
  readonly world: World;
  readonly takeLetter: TakeLetter;
}

export async function makePair(isApart: boolean): Promise<Pair> {
  setClock(START);
  // What is common is refused elsewhere; here one good password in 65,536 would be, too.
  const settings = { screening: false };
  const receiver = await makeReceiver({ settings });
  const quiet = await t.makeTenant({ place: isApart ? 'eu' : 'default', settings });
  const world: World = {
    now: START,
    from: null,
    serial: 0,
    tenants: [await populate(receiver.tenant, true), await populate(quiet, false)],
  };
  setSource(world, null);
  for (const tenant of world.tenants) {
    await signAdminIn(world, tenant);
    await addFirst(world, tenant);
  }
  return { world, takeLetter: (tenant, userId) => takeLetter(receiver, tenant, userId) };
}

async function populate(real: t.TestTenant, sends: boolean): Promise<Tenant> {
  const admin = await t.makeUser(real, { userId: 'the-admin', role: 'admin' });
  return {
    real,
    people: ['ada', 'ben', 'cas'].map(describePerson),
    admin,
    adminTokens: { idToken: '', accessToken: '', at: 0 },
    sends,
    settings: {
      codeLife: 600,
      challengeLife: 900,
      temporaryPasswordLife: 604_800,
      accessTokenLife: 86_400,
      requireSecureOtp: false,
      minLength: 15,
    },
    keys: [{ id: '', key: real.serviceToken, revoked: false }],
    guesses: new Map(),
    floods: new Map(),
    issued: [],
    handed: { codes: [], challenges: [] },
    loginSessions: [],
  };
}

function describePerson(name: string): Person {
  return {
    userId: `id-${name}`,
    username: `name-${name}`,
    email: `${name}@model.example`,
    account: null,
    passwords: [],
    changes: 0,
    created: 0,
  };
}

/** One with a password, one with a temporary one; the third is made by the sequence. */
async function addFirst(world: World, tenant: Tenant): Promise<void> {
  for (const [index, person] of tenant.people.slice(0, 2).entries()) {
    const { userId, username, email } = person;
    const password = `a kingfisher over ${tenant.sends ? 'running' : 'still'} water, ${index}`;
    const given = index === 0 ? { password } : { temporaryPassword: password };
    const body = { userId, username, email, ...given };
    const made = await t.admin('POST', `/tenants/${tenant.real.orgId}/users`, body);
    expect(made.status).toBe(201);
    const life = tenant.settings.temporaryPasswordLife * 1000;
    person.account = makeAccount(password, index === 0 ? null : world.now + life, world.now);
    person.passwords.push(password);
    person.created = 1;
  }
}

/** The admins' own sessions are none of the model's: they are renewed whenever time has passed. */
export async function renewAdmins(world: World): Promise<boolean> {
  const stale = world.tenants.filter(
    ({ adminTokens }) => world.now - adminTokens.at > ADMIN_SESSION,
  );
  for (const tenant of stale) await signAdminIn(world, tenant);
  return stale.length > 0;
}

async function signAdminIn(world: World, tenant: Tenant): Promise<void> {
  const { userId, password } = tenant.admin;
  const answer = await t.vbaSignIn(tenant.real, userId, password);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  const { idToken, accessToken } = answer.body.data.authenticationResult;
  tenant.adminTokens = { idToken, accessToken, at: world.now };
}

/** Of all that has come by now, whose ever it is: what comes late is not taken for what comes next. */
function takeLetter({ tenant: { orgId }, received }: Receiver, tenant: Tenant, userId: string) {
  if (tenant.real.orgId !== orgId) return null;
  const letters = received.splice(0).map(({ message }) => message.data);
  const codes = letters.filter((letter) => letter['userId'] === userId && letter['code']);
  return codes.at(-1)?.['code'] ?? null;
}
