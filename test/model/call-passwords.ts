// The four ways to another password, each through every dialect that has it.
import { callAs, call as callVba } from '../dialects/vba/call.ts';
import { call as callZap } from '../dialects/zap/call.ts';
import type { Env } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { type Call, type Prediction, REFUSED } from './call.ts';
import { admit } from './call-sessions.ts';
import { forgive, forgiveOne, isBlocked, isClosed, reserve } from './guesses.ts';
import {
  canRepeat,
  change,
  findUsable,
  isDead,
  isLiveCode,
  judgeToken,
  MAX_TRIES,
  missCodes,
} from './rules.ts';
import type { Account, Challenge, Issued, Key, Person, Tenant, World } from './world.ts';

export function isAllowed({ settings }: Tenant, password: string): boolean {
  return password.length >= settings.minLength;
}

export function changeByChallenge(
  tenant: Tenant,
  person: Person,
  session: string,
  newPassword: string,
): Call {
  const { userId } = person;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `VBA change of ${userId} by a challenge`,
    send: (on) => t.vbaChange(tenant.real, { userID: userId, newPassword, session }, on),
    predict: (world) => {
      const found = findChallenge(tenant, session);
      const isMiss = found !== null && (found.person !== person || found.spentVersion !== null);
      const open = () => {
        if (found !== null && isMiss && found.tries <= MAX_TRIES) found.tries += 1;
      };
      return { open, ...judgeChallenge(world, tenant, person, found, newPassword) };
    },
  };
}

/** As it is in the database: what a newer one or a change has ended is not. */
function findChallenge(tenant: Tenant, session: string): Challenge | null {
  for (const { account } of tenant.people) {
    const found = account?.challenges.find((one) => one.session === session);
    if (found !== undefined) return found;
  }
  return null;
}

function judgeChallenge(
  world: World,
  tenant: Tenant,
  person: Person,
  found: Challenge | null,
  newPassword: string,
): Prediction {
  const account = findUsable(person);
  if (account === null || account.locked || found?.person !== person) return REFUSED;
  if (found.endsAt <= world.now) return REFUSED;
  if (found.spentVersion !== null) {
    // This use is counted before it is looked at.
    const isRepeat = found.tries + 1 <= MAX_TRIES && found.spentVersion === account.version;
    if (!isRepeat || account.password !== newPassword) return REFUSED;
    return {
      result: 'ok',
      commit: (answer) => {
        found.tries -= 1;
        admit(world, tenant, person, 'vba', answer);
      },
    };
  }
  if (found.tries >= MAX_TRIES || !isAllowed(tenant, newPassword)) return REFUSED;
  if (account.password === newPassword) return REFUSED;
  return {
    result: 'ok',
    recovers: true,
    commit: (answer) => {
      change(world, tenant, person, { password: newPassword, challenge: found });
      admit(world, tenant, person, 'vba', answer);
    },
  };
}

export interface ByPassword {
  readonly door: 'vba' | 'zap' | 'zitadel';
  /** Whose token comes with it; null: an admin's, and of ZITADEL a key's that may only read. */
  readonly by: Issued | null;
  readonly old: string;
  readonly password: string;
  readonly otp: string | null;
}

export function changeByPassword(tenant: Tenant, person: Person, asked: ByPassword): Call {
  const { userId } = person;
  const { door, by, old, password } = asked;
  return {
    tenant,
    guess: userId,
    isGuarded: true,
    name: `${door} change of ${userId} by the old password${by === null ? '' : ', by the user'}`,
    send: (on) => sendByPassword(tenant, person, asked, on),
    predict: (world) => {
      const token = by === null ? 'live' : judgeToken(by, world.now);
      if (token === 'dead') return REFUSED;
      const account = findUsable(person);
      const isRepeat = account !== null && canRepeat(account, old, world.now);
      const otp = door === 'zap' ? asked.otp : null;
      const open = () => {
        if (old === password) return;
        reserve(world, tenant, userId);
        const known = person.account;
        if (otp !== null && known !== null) missCodes(known, ['secure-otp'], otp, world.now);
      };
      const isOtpMissing = door === 'zap' && otp === null && tenant.settings.requireSecureOtp;
      if (
        (token === 'repeats' && !isRepeat) ||
        old === password ||
        isOtpMissing ||
        account === null ||
        account.password === null
      ) {
        // No guess was made.
        const wasLetIn = old !== password && !isBlocked(world, tenant, userId);
        const commit = () => (wasLetIn ? forgiveOne(world, tenant, userId) : undefined);
        return { result: 'refused', open, commit };
      }
      if (isBlocked(world, tenant, userId)) return { result: 'throttled', open };
      return { open, ...judgePassword(world, tenant, person, account, asked, otp) };
    },
  };
}

function judgePassword(
  world: World,
  tenant: Tenant,
  person: Person,
  account: Account,
  { old, password }: ByPassword,
  otp: string | null,
): Prediction {
  const cleared = () => forgive(world, tenant, person.userId);
  const codes = account.codes.filter(({ purpose }) => purpose === 'secure-otp');
  const code = otp === null ? undefined : codes.find(({ text }) => text === otp);
  if (canRepeat(account, old, world.now)) {
    const isSame = otp === null || code?.spentVersion === account.version;
    if (!isSame || account.password !== password) return REFUSED;
    return { result: 'ok', commit: cleared };
  }
  if (account.password !== old || isClosed(world, tenant, person.userId)) return REFUSED;
  if (otp !== null && (code === undefined || !isLiveCode(code, world.now))) return REFUSED;
  if (isDead(account, world.now) || !isAllowed(tenant, password)) {
    return { result: 'refused', commit: cleared };
  }
  return {
    result: 'ok',
    recovers: true,
    commit: () =>
      change(world, tenant, person, {
        password,
        replaced: old,
        ...(code === undefined ? {} : { code }),
      }),
  };
}

function sendByPassword(tenant: Tenant, person: Person, asked: ByPassword, on: Env) {
  const { door, by, old, password, otp } = asked;
  const { userId, email } = person;
  const { real, adminTokens } = tenant;
  if (door === 'vba') {
    const idToken = by === null ? adminTokens.idToken : (by.idToken ?? '');
    const body = { currentPassword: old, newPassword: password };
    return callAs(real, { idToken }, `/users/${userId}/change-password`, { body, on });
  }
  if (door === 'zap') {
    const token = by === null ? adminTokens.accessToken : by.accessToken;
    const second = otp === null ? {} : { secureOTP: otp };
    const body = { userId, email, oldPassword: old, newPassword: password, ...second };
    return t.zapChange(real, token, body, on);
  }
  const token = by === null ? real.readerToken : by.accessToken;
  const body = { newPassword: { password }, currentPassword: old };
  return t.zitadelChange(token, userId, body, on);
}

export interface ByCode {
  readonly door: 'vba' | 'zap' | 'zitadel';
  readonly text: string;
  readonly password: string;
}

export function changeByCode(tenant: Tenant, person: Person, asked: ByCode): Call {
  const { door, text, password } = asked;
  const guess = door === 'zap' ? person.email : person.userId;
  return {
    tenant,
    guess,
    isGuarded: true,
    name: `${door} change of ${person.userId} by a code`,
    send: (on) => sendByCode(tenant, person, asked, on),
    predict: (world) => {
      const wasLetIn = !isBlocked(world, tenant, guess);
      const open = () => {
        reserve(world, tenant, guess);
        if (person.account !== null) missCodes(person.account, ['reset'], text, world.now);
      };
      const account = findUsable(person);
      const code = account?.codes.find((one) => one.purpose === 'reset' && one.text === text);
      if (account === null || code === undefined || code.endsAt <= world.now) {
        return { result: 'refused', open };
      }
      if (code.spentVersion !== null) {
        if (code.spentVersion !== account.version) return { result: 'refused', open };
        if (!wasLetIn) return { result: 'throttled', open };
        if (account.password !== password) return { result: 'refused', open };
        return { result: 'ok', open, commit: () => forgive(world, tenant, guess) };
      }
      if (!isLiveCode(code, world.now)) return { result: 'refused', open };
      if (!isAllowed(tenant, password)) {
        const commit = () => (wasLetIn ? forgiveOne(world, tenant, guess) : undefined);
        return { result: 'refused', open, commit };
      }
      const commit = () => change(world, tenant, person, { password, code });
      return { result: 'ok', open, recovers: true, commit };
    },
  };
}

function sendByCode(tenant: Tenant, person: Person, { door, text, password }: ByCode, on: Env) {
  const { userId, email } = person;
  const { real } = tenant;
  if (door === 'vba') {
    const body = { userID: userId, confirmationCode: text, newPassword: password };
    return callVba(real, '/confirm-forgot-password', { body, on });
  }
  if (door === 'zap') {
    const body = { identity: email, otp: text, newPassword: password };
    return callZap(real, '/v1/forgotPassword', { body, on });
  }
  const body = { newPassword: { password }, verificationCode: text };
  return t.zitadelChange(real.readerToken, userId, body, on);
}

export function changeByAuthority(
  tenant: Tenant,
  person: Person,
  key: Key,
  asked: { readonly password: string; readonly isTemporary: boolean },
): Call {
  const { password, isTemporary } = asked;
  return {
    tenant,
    guess: null,
    isGuarded: true,
    name: `ZITADEL change of ${person.userId} by authority${isTemporary ? ', to a temporary one' : ''}`,
    send: (on) => {
      const newPassword = { password, changeRequired: isTemporary };
      return t.zitadelChange(key.key, person.userId, { newPassword }, on);
    },
    predict: (world) => {
      if (key.revoked || findUsable(person) === null || !isAllowed(tenant, password)) {
        return REFUSED;
      }
      const life = tenant.settings.temporaryPasswordLife * 1000;
      const temporaryUntil = isTemporary ? world.now + life : null;
      return {
        result: 'ok',
        recovers: true,
        commit: () => change(world, tenant, person, { password, temporaryUntil }),
      };
    },
  };
}
