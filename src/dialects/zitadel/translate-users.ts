// ZITADEL's messages about users into the core's commands, and the core's users into ZITADEL's. Pure.
import type { SetHumanEmail } from '@zitadel/proto/zitadel/user/v2/email_pb.js';
import type { SetHumanPhone } from '@zitadel/proto/zitadel/user/v2/phone_pb.js';
import type { Gender, SetHumanProfile } from '@zitadel/proto/zitadel/user/v2/user_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import type { Success } from './call.ts';
import { describeUnserved, type ZitadelError } from './failure.ts';
import { toTimestamp } from './timestamp.ts';
import { toDetails } from './translate.ts';

type Patch = Parameters<Gateway['updateUser']>[0]['patch'];
type Profile = NonNullable<Patch['profile']>;
type Found = Success<'findUsers'>;

/** The enums' numbers: zitadel/user/v2/user.proto. */
const GENDERS = [undefined, 'female', 'male', 'diverse'] as const;
const STATES = { active: 1, inactive: 2, locked: 4 } as const;

/** What a user is said to be; `undefined` fields of a message are fields that it does not speak of. */
export interface Person {
  readonly username?: string | undefined;
  readonly profile?: Partial<Omit<SetHumanProfile, '$typeName' | '$unknown'>> | undefined;
  readonly email?: SetHumanEmail | undefined;
  readonly phone?: SetHumanPhone | undefined;
}

export function toPatch({ username, profile, email, phone }: Person): Patch {
  const said: Profile = {
    ...toProfile(profile ?? {}),
    ...(email === undefined ? {} : { emailVerified: isVerified(email) }),
    ...(phone === undefined ? {} : { phoneVerified: isVerified(phone) }),
  };
  const name = profile === undefined ? undefined : nameOf(profile);
  return {
    ...(username === undefined ? {} : { username }),
    ...(email === undefined ? {} : { email: email.email }),
    ...(phone === undefined ? {} : { phone: phone.phone === '' ? null : phone.phone }),
    ...(name === undefined ? {} : { name }),
    ...(Object.keys(said).length === 0 ? {} : { profile: said }),
  };
}

/** Codes for addresses need their own methods, which are not served: an address is verified, or it is not. */
export function findUnservedVerification({ email, phone }: Person): ZitadelError | null {
  const asksCode = (given: SetHumanEmail | SetHumanPhone | undefined) =>
    given?.verification.case === 'sendCode' || given?.verification.case === 'returnCode';
  if (asksCode(email)) return describeUnserved('a verification code for the email');
  return asksCode(phone) ? describeUnserved('a verification code for the phone') : null;
}

function isVerified({ verification }: SetHumanEmail | SetHumanPhone): boolean {
  return verification.case === 'isVerified' && verification.value;
}

function toProfile(profile: NonNullable<Person['profile']>): Profile {
  const { givenName, familyName, nickName, preferredLanguage, gender } = profile;
  const known = gender === undefined ? undefined : GENDERS[gender];
  return {
    ...(givenName === undefined ? {} : { givenName }),
    ...(familyName === undefined ? {} : { familyName }),
    ...(nickName === undefined ? {} : { nickName }),
    ...(preferredLanguage === undefined ? {} : { preferredLanguage }),
    ...(known === undefined ? {} : { gender: known }),
  };
}

/** As the vendor has it: without a display name, the given and the family name. */
function nameOf({
  displayName,
  givenName,
  familyName,
}: NonNullable<Person['profile']>): string | undefined {
  if (displayName) return displayName;
  if (givenName === undefined || familyName === undefined) return undefined;
  return `${givenName} ${familyName}`;
}

export function fromUser(tenantId: string, view: Found['users'][number]) {
  const { account, credential, sequence, touchedAt, state, mustChangePassword } = view;
  const { userId, email, phone, profile } = account;
  const named = {
    userId,
    state: STATES[state],
    username: account.username ?? email ?? userId,
    loginNames: listNames(account),
    preferredLoginName: account.username ?? email ?? phone ?? userId,
  };
  const { createdAt } = account;
  return {
    ...named,
    details: toDetails({ tenantId, sequence, changedAt: touchedAt, createdAt }),
    type: {
      case: 'human' as const,
      value: {
        ...named,
        profile: {
          givenName: profile.givenName ?? '',
          familyName: profile.familyName ?? '',
          ...(profile.nickName === undefined ? {} : { nickName: profile.nickName }),
          ...(account.name === null ? {} : { displayName: account.name }),
          ...(profile.preferredLanguage === undefined
            ? {}
            : { preferredLanguage: profile.preferredLanguage }),
          ...(profile.gender === undefined
            ? {}
            : { gender: GENDERS.indexOf(profile.gender) as Gender }),
        },
        ...(email === null ? {} : { email: { email, isVerified: profile.emailVerified ?? false } }),
        ...(phone === null ? {} : { phone: { phone, isVerified: profile.phoneVerified ?? false } }),
        passwordChangeRequired: mustChangePassword,
        ...(credential.hash === null ? {} : { passwordChanged: toTimestamp(credential.changedAt) }),
      },
    },
  };
}

type Account = Found['users'][number]['account'];

export function listNames({ username, email, phone }: Account): string[] {
  return [username, email, phone].filter((name) => name !== null);
}
