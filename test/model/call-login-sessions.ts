// Login sessions: opened, checked again, ended.
import type { Answer } from '../support/rekey.ts';
import { call as callZitadel } from '../support/zitadel-users.ts';
import { type Call, type Prediction, REFUSED, whenLetIn } from './call.ts';
import { forgiveOne, isBlocked, isClosed, reserve, welcome } from './guesses.ts';
import { isDead } from './rules.ts';
import type { Account, Key, LoginSession, Person, Tenant, World } from './world.ts';

export function createLoginSession(
  tenant: Tenant,
  person: Person,
  key: Key,
  password: string | null,
): Call {
  const { userId } = person;
  const checks = {
    user: { userId },
    ...(password === null ? {} : { password: { password } }),
  };
  return {
    tenant,
    guess: password === null ? null : userId,
    isGuarded: true,
    name: `a login session of ${userId}${password === null ? '' : ', with a password'}`,
    send: (on) => callZitadel(key.key, 'POST', 'sessions', { checks }, on),
    predict: (world) =>
      key.revoked
        ? REFUSED
        : checkSession(world, tenant, person, password, (account, answer) => {
            const made = {
              person,
              account,
              id: answer?.body?.sessionId ?? null,
              token: answer?.body?.sessionToken ?? null,
            };
            account.loginSessions.push(made);
            tenant.loginSessions.push(made);
          }),
  };
}

export function updateLoginSession(
  tenant: Tenant,
  session: LoginSession,
  sessionToken: string | null,
  password: string | null,
): Call {
  const { person } = session;
  const checks = password === null ? {} : { checks: { password: { password } } };
  const body = { ...(sessionToken === null ? {} : { sessionToken }), ...checks };
  const [key] = tenant.keys;
  return {
    tenant,
    guess: password === null ? null : person.userId,
    name: `an update of a login session of ${person.userId}${password === null ? '' : ', with a password'}`,
    send: (on) => callZitadel(key?.key ?? '', 'PATCH', `sessions/${session.id}`, body, on),
    predict: (world) => {
      const isThere = session.account.loginSessions.includes(session);
      if (!isThere || person.account !== session.account) return REFUSED;
      // An old token reserves nothing.
      if (sessionToken !== null && sessionToken !== session.token) return REFUSED;
      return checkSession(world, tenant, person, password, (_, answer) => {
        session.token = answer?.body?.sessionToken ?? null;
      });
    },
  };
}

export function endLoginSession(tenant: Tenant, session: LoginSession): Call {
  const [key] = tenant.keys;
  return {
    tenant,
    guess: null,
    name: `the end of a login session of ${session.person.userId}`,
    send: (on) => callZitadel(key?.key ?? '', 'DELETE', `sessions/${session.id}`, {}, on),
    predict: () => ({
      result: 'ok',
      recovers: true,
      commit: () => {
        const { account } = session;
        account.loginSessions = account.loginSessions.filter((one) => one !== session);
      },
    }),
  };
}

/** The user's state is told first, at no guess; then the password counts as it does at every other door. */
function checkSession(
  world: World,
  tenant: Tenant,
  person: Person,
  password: string | null,
  done: (account: Account, answer: Answer | null) => void,
): Prediction {
  const { account, userId } = person;
  const isBarred = account === null || account.disabled || account.locked;
  if (account === null || isBarred || (password !== null && account.password === null)) {
    if (password === null || isBlocked(world, tenant, userId)) return REFUSED;
    return {
      result: 'refused',
      open: () => reserve(world, tenant, userId),
      commit: () => forgiveOne(world, tenant, userId),
    };
  }
  if (password === null) {
    return { result: 'ok', recovers: true, commit: (answer) => done(account, answer) };
  }
  return whenLetIn({ tenant, guess: userId }, world, () => {
    if (account.password !== password || isClosed(world, tenant, userId)) return REFUSED;
    const cleared = () => welcome(world, tenant, userId);
    if (isDead(account, world.now)) return { result: 'refused', commit: cleared };
    return {
      result: 'ok',
      recovers: true,
      commit: (answer) => {
        cleared();
        done(account, answer);
      },
    };
  });
}
