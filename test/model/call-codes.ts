// Codes: handed out, sent, and looked at.
import { call as callVba } from '../dialects/vba/call.ts';
import { call as callZap } from '../dialects/zap/call.ts';
import * as t from '../support/tenant.ts';
import { type Call, REFUSED } from './call.ts';
import { forgiveOne, isBlocked, isFlooded, reserve, takeFromFlood } from './guesses.ts';
import { addCode, findUsable, isLiveCode, missCodes } from './rules.ts';
import type { Key, Person, Purpose, Tenant, World } from './world.ts';

/** By the operator, who may ask for both kinds, or by a key. */
export function issueCode(tenant: Tenant, person: Person, key: Key | null, purpose: Purpose): Call {
  const { userId } = person;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `a ${purpose} code for ${userId}${key === null ? ', by the operator' : ''}`,
    send: (on) =>
      key === null
        ? t.admin('POST', `/tenants/${tenant.real.orgId}/users/${userId}/codes`, { purpose }, on)
        : t.zitadel(key.key, `${userId}/password_reset`, { returnCode: {} }, on),
    predict: (world) => {
      const account = findUsable(person);
      if (key?.revoked === true || account === null) return REFUSED;
      return {
        result: 'ok',
        recovers: true,
        commit: (answer) => {
          const text = key === null ? answer?.body?.code : answer?.body?.verificationCode;
          draw(world, tenant, person, key === null ? purpose : 'reset', text ?? null);
        },
      };
    },
  };
}

function draw(world: World, tenant: Tenant, person: Person, purpose: Purpose, text: string | null) {
  const { account } = person;
  if (account === null) throw new Error('the model draws a code for a user who is not there');
  const endsAt = world.now + tenant.settings.codeLife * 1000;
  const code = { person, purpose, text, endsAt, tries: 0, spentVersion: null };
  addCode(account, code);
  tenant.handed.codes.push(code);
}

/** The code of the newest letter to the user, if one has come since the last time. */
export type TakeLetter = (tenant: Tenant, userId: string) => string | null;

const LETTERS_AN_HOUR = 5;

export function writeLetter(
  world: World,
  tenant: Tenant,
  person: Person,
  takeLetter: TakeLetter,
): void {
  person.account?.letters.push(world.now);
  draw(world, tenant, person, 'reset', takeLetter(tenant, person.userId));
}

/** The answer does not tell whether there is such a user. */
export function requestCode(
  tenant: Tenant,
  person: Person,
  door: 'vba' | 'zap',
  takeLetter: TakeLetter,
): Call {
  const { userId, email } = person;
  return {
    tenant,
    guess: null,
    name: `a code asked for by ${userId} at ${door}`,
    send: (on) =>
      door === 'vba'
        ? callVba(tenant.real, '/forgot-password', { body: { userID: userId }, on })
        : callZap(tenant.real, '/v1/otp/forgotPassword', { body: { identity: email }, on }),
    predict: (world) => {
      const isKeyless = door === 'zap';
      if (isKeyless && isFlooded(world, tenant, email)) return { result: 'throttled' };
      const open = () => (isKeyless ? takeFromFlood(world, tenant, email) : undefined);
      if (!tenant.sends) return { result: 'refused', open };
      const account = findUsable(person);
      const recent = account?.letters.filter((at) => at > world.now - 3_600_000) ?? [];
      if (account === null || recent.length >= LETTERS_AN_HOUR) return { result: 'ok', open };
      const commit = () => writeLetter(world, tenant, person, takeLetter);
      return { result: 'ok', open, recovers: true, commit };
    },
  };
}

export function checkCode(tenant: Tenant, person: Person, text: string): Call {
  const { email } = person;
  return {
    tenant,
    guess: email,
    name: `ZAP looks at a code of ${person.userId}`,
    send: (on) =>
      callZap(tenant.real, '/v1/otp/verify', { body: { identity: email, otp: text }, on }),
    predict: (world) => {
      const wasLetIn = !isBlocked(world, tenant, email);
      const open = () => {
        reserve(world, tenant, email);
        const { account } = person;
        if (account !== null) missCodes(account, ['reset', 'secure-otp'], text, world.now);
      };
      const codes = findUsable(person)?.codes ?? [];
      const isRight = codes.some((code) => code.text === text && isLiveCode(code, world.now));
      if (!isRight) return { result: 'refused', open };
      const commit = () => (wasLetIn ? forgiveOne(world, tenant, email) : undefined);
      return { result: 'ok', open, commit };
    },
  };
}
