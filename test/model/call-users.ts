// What is done to users, keys and settings.
import { callAs } from '../dialects/vba/call.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { call as callZitadel } from '../support/zitadel-users.ts';
import { type Call, REFUSED } from './call.ts';
import { type TakeLetter, writeLetter } from './call-codes.ts';
import { isAllowed } from './call-passwords.ts';
import { forgiveAll } from './guesses.ts';
import { endSessions, makeAccount } from './rules.ts';
import type { Account, Key, Person, Settings, Tenant, World } from './world.ts';

type Step = 'lock' | 'unlock' | 'deactivate' | 'reactivate';

export function setState(tenant: Tenant, person: Person, key: Key, step: Step): Call {
  const { userId } = person;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `ZITADEL ${step} of ${userId}`,
    send: (on) => callZitadel(key.key, 'POST', `users/${userId}/${step}`, {}, on),
    predict: (world) => {
      const { account } = person;
      if (key.revoked || account === null || !isOpen(account, step)) return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: () => takeStep(world, tenant, person, account, step),
      };
    },
  };
}

function isOpen({ disabled, locked }: Account, step: Step): boolean {
  if (step === 'lock') return !disabled && !locked;
  if (step === 'unlock') return !disabled && locked;
  return step === 'deactivate' ? !disabled : disabled;
}

function takeStep(world: World, tenant: Tenant, person: Person, account: Account, step: Step) {
  if (step === 'lock') account.locked = true;
  if (step === 'unlock' || step === 'reactivate') account.locked = false;
  if (step === 'deactivate') account.disabled = true;
  if (step === 'reactivate') account.disabled = false;
  if (step === 'lock' || step === 'deactivate') endSessions(account, world.now);
  else forgiveAll(tenant, person);
}

/** VBA's: who is in the state already is answered as if it were new. */
export function setEnabled(tenant: Tenant, person: Person, isEnabled: boolean): Call {
  const path = `/users/${person.userId}/admin-${isEnabled ? 'enable' : 'disable'}`;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `VBA ${path}`,
    send: (on) => callAs(tenant.real, tenant.adminTokens, path, { on }),
    predict: (world) => {
      const { account } = person;
      if (account === null) return REFUSED;
      const step = isEnabled ? 'reactivate' : 'deactivate';
      if (!isOpen(account, step)) return { result: 'ok' };
      return {
        result: 'ok',
        recovers: true,
        commit: () => takeStep(world, tenant, person, account, step),
      };
    },
  };
}

export function requireReset(tenant: Tenant, person: Person, takeLetter: TakeLetter): Call {
  const path = `/users/${person.userId}/admin-reset-password`;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `VBA ${path}`,
    send: (on) => callAs(tenant.real, tenant.adminTokens, path, { on }),
    predict: (world) => {
      const { account } = person;
      if (account === null) return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: () => {
          account.resetRequired = true;
          endSessions(account, world.now);
          account.codes = [];
          if (tenant.sends && !account.disabled) writeLetter(world, tenant, person, takeLetter);
        },
      };
    },
  };
}

export type Initial = 'password' | 'temporary' | 'none';

export function createUser(
  tenant: Tenant,
  person: Person,
  initial: Initial,
  password: string,
): Call {
  const { userId, username, email } = person;
  const given =
    initial === 'none'
      ? {}
      : { [initial === 'password' ? 'password' : 'temporaryPassword']: password };
  return {
    tenant,
    guess: null,
    name: `a user ${userId} with ${initial}`,
    send: (on) => {
      const path = `/tenants/${tenant.real.orgId}/users`;
      return t.admin('POST', path, { userId, username, email, ...given }, on);
    },
    predict: (world) => {
      const isRefused = initial !== 'none' && !isAllowed(tenant, password);
      if (person.account !== null || isRefused) return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: () => {
          const life = tenant.settings.temporaryPasswordLife * 1000;
          const until = initial === 'temporary' ? world.now + life : null;
          person.account = makeAccount(initial === 'none' ? null : password, until, world.now);
          person.created += 1;
          if (initial !== 'none') person.passwords.push(password);
        },
      };
    },
  };
}

export function deleteUser(tenant: Tenant, person: Person, key: Key): Call {
  const { userId } = person;
  return {
    tenant,
    guess: null,
    name: `the end of ${userId}`,
    send: (on) => callZitadel(key.key, 'DELETE', `users/${userId}`, undefined, on),
    predict: () => {
      if (key.revoked || person.account === null) return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: () => {
          person.account = null;
        },
      };
    },
  };
}

export function changeSettings(tenant: Tenant, chosen: Partial<Settings>): Call {
  const { minLength, ...lives } = chosen;
  const policy = minLength === undefined ? {} : { policy: { minLength } };
  return {
    tenant,
    guess: null,
    name: `settings ${JSON.stringify(chosen)}`,
    send: (on) => {
      const settings = { ...lives, ...policy };
      return t.admin('PATCH', `/tenants/${tenant.real.orgId}`, { settings }, on);
    },
    predict: () => ({
      result: 'ok',
      recovers: true,
      commit: () => {
        Object.assign(tenant.settings, chosen);
      },
    }),
  };
}

export function createKey(tenant: Tenant): Call {
  return {
    tenant,
    guess: null,
    name: 'another key',
    isOneTrip: true,
    send: (on) => {
      const body = { name: 'another', scopes: ['user.read', 'user.write'] };
      return t.admin('POST', `/tenants/${tenant.real.orgId}/keys`, body, on);
    },
    predict: () => ({
      result: 'ok',
      recovers: true,
      commit: (answer: Answer | null) => {
        const { keyId, key } = answer?.body ?? {};
        if (key !== undefined) tenant.keys.push({ id: keyId, key, revoked: false });
      },
    }),
  };
}

export function revokeKey(tenant: Tenant, key: Key): Call {
  return {
    tenant,
    guess: null,
    name: 'the end of a key',
    isOneTrip: true,
    send: (on) => t.admin('DELETE', `/tenants/${tenant.real.orgId}/keys/${key.id}`, undefined, on),
    predict: () => {
      if (key.revoked) return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: () => {
          key.revoked = true;
        },
      };
    },
  };
}
