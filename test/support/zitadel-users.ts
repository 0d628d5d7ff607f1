// ZITADEL's users, sessions and settings over REST, as its clients call them.
import { expect } from 'vitest';
import { type Answer, type Env, send } from './rekey.ts';
import * as t from './tenant.ts';

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `path` below /v2/. */
export function call(
  token: string,
  verb: Verb,
  path: string,
  body?: unknown,
  on?: Env,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return send(`/v2/${path}`, { method: verb, headers, ...sent }, on);
}

export const userPath = (userId: string) => `users/${encodeURIComponent(userId)}`;

/** The least that a human is made of, with names that nobody else has. */
export function describeHuman() {
  const n = t.nextSerial();
  return {
    profile: { givenName: 'Ann', familyName: `Ash-${n}` },
    email: { email: `human-${n}@mail.example`, isVerified: true },
  };
}

export const withPassword = (password: string, changeRequired = false) => ({
  ...describeHuman(),
  password: { password, changeRequired },
});

type Fields = Readonly<Record<string, unknown>>;

interface Creator {
  readonly name: 'AddHumanUser' | 'CreateUser';
  /** Sends what a human is made of, to be one of the organisation. */
  readonly create: (
    token: string,
    organisation: string,
    human: object,
    on?: Env,
  ) => Promise<Answer>;
  readonly idOf: (answer: Answer) => string;
}

export const CREATORS: readonly Creator[] = [
  {
    name: 'AddHumanUser',
    create: (token, orgId, human, on) =>
      call(token, 'POST', 'users/human', { ...human, organization: { orgId } }, on),
    idOf: ({ body }) => body.userId,
  },
  {
    name: 'CreateUser',
    create: (token, organizationId, described, on) => {
      const { userId, username, ...human } = described as Fields;
      return call(token, 'POST', 'users/new', { organizationId, userId, username, human }, on);
    },
    idOf: ({ body }) => body.id,
  },
];

export interface Human extends t.TestUser {
  readonly phone: string;
}

/** A human with every name and a password, made by AddHumanUser. */
export async function addHuman(tenant: t.TestTenant, more: object = {}): Promise<Human> {
  const n = t.nextSerial();
  const password = t.newPassword();
  const described = describeHuman();
  const human = {
    userId: `human-${n}`,
    username: `Human-Name-${n}`,
    ...described,
    phone: { phone: `+4179${1_000_000 + n}`, isVerified: true },
    password: { password },
    ...more,
  };
  const made = await call(tenant.serviceToken, 'POST', 'users/human', human);
  expect([made.status, made.text]).toEqual([200, expect.any(String)]);
  return {
    userId: made.body.userId,
    username: human.username,
    email: human.email.email,
    phone: human.phone.phone,
    password,
  };
}

/** Whose rows come last: a search over a range reads one row behind it, unless the table ends there. */
export async function addLastRows(tenant: t.TestTenant): Promise<void> {
  const { userId } = await addHuman(tenant, { userId: '~' });
  const checks = { user: { userId }, password: { password: 'a wrong password for all' } };
  expect((await call(tenant.serviceToken, 'POST', 'sessions', { checks })).status).toBe(400);
  const last = t.databaseOf(tenant).prepare("INSERT INTO throttle VALUES ('~', '~', 1, 1, 0, 0)");
  await last.run();
}

export type Step = 'lock' | 'unlock' | 'deactivate' | 'reactivate';

export function takeStep(token: string, userId: string, step: Step, on?: Env): Promise<Answer> {
  return call(token, 'POST', `${userPath(userId)}/${step}`, {}, on);
}

export async function mustStep(tenant: t.TestTenant, userId: string, step: Step): Promise<void> {
  const answer = await takeStep(tenant.serviceToken, userId, step);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
}

/** In the order of their ids: an active one, one inactive, one locked. */
export async function addOneOfEachState(tenant: t.TestTenant): Promise<[Human, Human, Human]> {
  const add = (letter: string) => {
    const n = t.nextSerial();
    return addHuman(tenant, { userId: `${letter}-${n}`, username: `${letter}nn ${n}` });
  };
  const [active, inactive, locked] = [await add('A'), await add('B'), await add('C')];
  await mustStep(tenant, inactive.userId, 'deactivate');
  await mustStep(tenant, locked.userId, 'lock');
  return [active, inactive, locked];
}

/** The user as the service shows it. */
export async function showUser(tenant: t.TestTenant, userId: string): Promise<Answer['body']> {
  const answer = await call(tenant.readerToken, 'GET', userPath(userId));
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body.user;
}

export function changeUser(
  token: string,
  userId: string,
  body: unknown,
  on?: Env,
): Promise<Answer> {
  return call(token, 'PUT', `users/human/${encodeURIComponent(userId)}`, body, on);
}

interface Updater {
  readonly name: 'UpdateHumanUser' | 'UpdateUser';
  /** Takes the shape of UpdateHumanUser. */
  readonly update: (token: string, userId: string, body: object, on?: Env) => Promise<Answer>;
}

export const UPDATERS: readonly [Updater, Updater] = [
  { name: 'UpdateHumanUser', update: changeUser },
  {
    name: 'UpdateUser',
    update: (token, userId, body, on) => {
      const { username, ...human } = body as Fields;
      return call(token, 'PATCH', userPath(userId), { username, human }, on);
    },
  },
];

export interface MadeSession {
  readonly sessionId: string;
  readonly sessionToken: string;
}

/** A session of the user, its password checked. */
export async function openSession(
  tenant: t.TestTenant,
  user: Pick<t.TestUser, 'userId' | 'password'>,
  more: object = {},
): Promise<MadeSession> {
  const checks = { user: { userId: user.userId }, password: { password: user.password } };
  const made = await call(tenant.serviceToken, 'POST', 'sessions', { checks, ...more });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return made.body;
}

export function getSession(
  token: string,
  { sessionId, sessionToken }: { readonly sessionId: string; readonly sessionToken?: string },
): Promise<Answer> {
  const query = sessionToken === undefined ? '' : `?sessionToken=${sessionToken}`;
  return call(token, 'GET', `sessions/${sessionId}${query}`);
}

export function setSession(
  token: string,
  sessionId: string,
  body: unknown,
  on?: Env,
): Promise<Answer> {
  return call(token, 'PATCH', `sessions/${sessionId}`, body, on);
}
