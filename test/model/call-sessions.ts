// Sign-in, refresh and sign-out.
import { callAs } from '../dialects/vba/call.ts';
import { call as callZap } from '../dialects/zap/call.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { type Call, type Prediction, REFUSED, whenLetIn } from './call.ts';
import { findPerson, isClosed, putBackToFlood, welcome } from './guesses.ts';
import { endSessions, findUsable, isDead, isLiveFamily, judgeToken, startFamily } from './rules.ts';
import type { Account, Family, Issued, Person, Tenant, World } from './world.ts';

interface Tokens {
  readonly accessToken: string;
  readonly idToken: string | null;
  readonly refreshToken: string;
}

function readTokens(door: 'vba' | 'zap', answer: Answer | null): Tokens | null {
  const data = answer?.body?.data;
  if (door === 'vba') return data?.authenticationResult ?? null;
  return data?.token === undefined
    ? null
    : { accessToken: data.token, idToken: null, refreshToken: data.refreshToken };
}

/** A new session of the user; of a lost answer nobody has the tokens. */
export function admit(
  world: World,
  tenant: Tenant,
  person: Person,
  door: 'vba' | 'zap',
  answer: Answer | null,
): void {
  const { account } = person;
  if (account === null) throw new Error('the model admits a user who is not there');
  const tokens = readTokens(door, answer);
  const family = startFamily(account, world.now, tokens?.refreshToken ?? null);
  if (tokens !== null) hand(world, tenant, person, family, tokens);
}

function hand(world: World, tenant: Tenant, person: Person, family: Family, tokens: Tokens): void {
  const endsAt = world.now + tenant.settings.accessTokenLife * 1000;
  tenant.issued.push({ person, family, ...tokens, endsAt });
}

export function signIn(tenant: Tenant, door: 'vba' | 'zap', name: string, password: string): Call {
  const isKeyless = door === 'zap';
  const at = { tenant, guess: name, isKeyless };
  return {
    ...at,
    isGuarded: true,
    name: `${door} sign-in of ${name}`,
    send: (on) =>
      door === 'vba'
        ? t.vbaSignIn(tenant.real, name, password, on)
        : t.zapLogin(tenant.real, name, password, on),
    predict: (world) =>
      whenLetIn(at, world, () => {
        const person = findPerson(tenant, name);
        const account = findUsable(person);
        if (person === undefined || account === null) return REFUSED;
        if (account.locked || account.password !== password) return REFUSED;
        if (isClosed(world, tenant, name)) return REFUSED;
        const cleared = () => {
          if (isKeyless) putBackToFlood(world, tenant, name);
          welcome(world, tenant, name);
        };
        const turnedAway: Prediction = { result: 'refused', recovers: true, commit: cleared };
        if (isDead(account, world.now)) return turnedAway;
        if (account.temporaryUntil === null) {
          return {
            result: 'ok',
            recovers: true,
            commit: (answer) => {
              cleared();
              admit(world, tenant, person, door, answer);
            },
          };
        }
        return door === 'zap'
          ? turnedAway
          : {
              result: 'ok',
              recovers: true,
              commit: (answer) => {
                cleared();
                challenge(world, tenant, person, account, answer);
              },
            };
      }),
  };
}

function challenge(
  world: World,
  tenant: Tenant,
  person: Person,
  account: Account,
  answer: Answer | null,
): void {
  const session = (answer?.body?.data?.session as string | undefined) ?? null;
  const endsAt = world.now + tenant.settings.challengeLife * 1000;
  const opened = { person, session, endsAt, tries: 0, spentVersion: null };
  // The newest is the only one.
  account.challenges = [opened];
  tenant.handed.challenges.push(opened);
}

/** With a token of any age: the newest, one whose successor was not used yet, or one that is over. */
export function refresh(tenant: Tenant, door: 'vba' | 'zap', issued: Issued): Call {
  const { person, family, refreshToken } = issued;
  const idToken = issued.idToken;
  const by = idToken === null ? 'zap' : door;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `${by} refresh of ${person.userId}`,
    send: (on) =>
      by === 'zap'
        ? callZap(tenant.real, '/v1/refresh', { body: { refreshToken }, on })
        : t.vbaRefresh(tenant.real, { idToken: idToken ?? '', refreshToken }, on),
    predict: (world): Prediction => {
      if (!isLiveFamily(person, family, world.now)) return REFUSED;
      const { refreshTokens } = family;
      const newest = refreshTokens.length - 1;
      const at = refreshTokens.indexOf(refreshToken);
      if (at < newest - 1) {
        return {
          result: 'refused',
          recovers: true,
          commit: () => {
            family.revokedAt = world.now;
          },
        };
      }
      return {
        result: 'ok',
        commit: (answer) => {
          const tokens = readTokens(by, answer);
          const known = refreshTokens[at + 1] ?? null;
          const successor = tokens?.refreshToken ?? known;
          if (known !== null && successor !== known) throw new Error('another successor');
          refreshTokens[at + 1] = successor;
          if (tokens !== null) hand(world, tenant, person, family, tokens);
        },
      };
    },
  };
}

/** Who shows a token of its own ends that session, or its oldest. */
export function signOut(tenant: Tenant, issued: Issued, which: 'this' | 'oldest'): Call {
  const { person, family, accessToken, idToken } = issued;
  const { userId } = person;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `sign-out of ${which} by ${userId}`,
    send: (on) =>
      idToken === null
        ? callZap(tenant.real, `/v1/users/logout/${userId}`, {
            method: 'PUT',
            token: accessToken,
            on,
          })
        : callAs(tenant.real, { idToken }, which === 'this' ? '/logout' : '/kick', { on }),
    predict: (world) => {
      if (judgeToken(issued, world.now) !== 'live') return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: () => {
          const live = family.account.families.filter(
            ({ revokedAt, endsAt }) => revokedAt === null && endsAt > world.now,
          );
          const ended = idToken !== null && which === 'oldest' ? live[0] : family;
          if (ended !== undefined) ended.revokedAt = world.now;
        },
      };
    },
  };
}

/** By an admin, everywhere. */
export function signOutEverywhere(tenant: Tenant, { userId }: Person): Call {
  return {
    tenant,
    guess: null,
    name: `sign-out of ${userId} by an admin`,
    send: (on) =>
      callZap(tenant.real, `/v1/users/logout/${userId}`, {
        method: 'PUT',
        token: tenant.adminTokens.accessToken,
        on,
      }),
    predict: (world) => {
      const account = findPerson(tenant, userId)?.account ?? null;
      if (account === null) return REFUSED;
      return { result: 'ok', recovers: true, commit: () => endSessions(account, world.now) };
    },
  };
}

/** Whether an access token opens anything: the own account. */
export function readOwn(tenant: Tenant, issued: Issued): Call {
  const { accessToken: token, person } = issued;
  return {
    tenant,
    guess: null,
    name: `${person.userId} reads the own account`,
    send: (on) => callZap(tenant.real, '/v1/users/token', { method: 'GET', token, on }),
    predict: (world) => ({
      result: judgeToken(issued, world.now) === 'live' ? 'ok' : 'refused',
    }),
  };
}
