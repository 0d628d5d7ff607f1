// The vendor's field rules, each kind of them, in the words of its validator (protoc-gen-validate's Go templates).
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  SessionService,
  SettingsService,
  UserService,
} from '../../../src/dialects/zitadel/descriptors.ts';
import { findBrokenRule } from '../../../src/dialects/zitadel/schema.ts';

const users = UserService.method;
const sessions = SessionService.method;
const settings = SettingsService.method;

/** `init`: what `create` takes, an undefined member being one that is not there. */
function judge<Desc extends DescMessage>(schema: Desc, init: object): string | null {
  return findBrokenRule(schema, create(schema, init as MessageInitShape<Desc>));
}

const setPassword = (init: object) => judge(users.setPassword.input, { userId: 'ann', ...init });
const search = (query: object) => judge(users.listUsers.input, { queries: [query] });
const addHuman = (init: object) =>
  judge(users.addHumanUser.input, {
    profile: { givenName: 'Ann', familyName: 'Ash' },
    email: { email: 'ann@mail.example' },
    ...init,
  });
const createSession = (init: object) => judge(sessions.createSession.input, init);

const RUNES = 'value length must be between 1 and 200 runes, inclusive';
const EMBEDDED = 'embedded message failed validation | caused by: ';

describe('a text', () => {
  it('is as long as it may be, counted in runes', () => {
    const invalid = `invalid SetPasswordRequest.UserId: ${RUNES}`;
    expect(setPassword({ userId: '' })).toBe(invalid);
    expect(setPassword({ userId: 'ä'.repeat(201) })).toBe(invalid);
    expect(setPassword({ userId: '🔑'.repeat(200) })).toBeNull();
    expect(setPassword({ userId: '🔑'.repeat(201) })).toBe(invalid);
  });

  it('is long enough where there is no other end', () => {
    const checks = { otpEmail: { code: '' } };
    expect(createSession({ checks })).toBe(
      `invalid CreateSessionRequest.Checks: ${EMBEDDED}invalid Checks.OtpEmail: ${EMBEDDED}invalid CheckOTP.Code: value length must be at least 1 runes`,
    );
    expect(createSession({ checks: { otpEmail: { code: '1'.repeat(300) } } })).toBeNull();
  });

  it('is short enough where it may be empty', () => {
    const emailQuery = (emailAddress: string) =>
      search({ query: { case: 'emailQuery', value: { emailAddress } } });
    expect(emailQuery('')).toBeNull();
    expect(emailQuery('x'.repeat(201))).toMatch(
      /invalid EmailQuery\.EmailAddress: value length must be at most 200 runes$/,
    );
  });

  it('is judged only when it is there, where it can be absent', () => {
    expect(addHuman({})).toBeNull();
    expect(addHuman({ username: '' })).toBe(`invalid AddHumanUserRequest.Username: ${RUNES}`);
    expect(setPassword({ verification: { case: 'currentPassword', value: '' } })).toBe(
      `invalid SetPasswordRequest.CurrentPassword: ${RUNES}`,
    );
    expect(setPassword({ verification: { case: 'verificationCode', value: 'x'.repeat(21) } })).toBe(
      'invalid SetPasswordRequest.VerificationCode: value length must be between 1 and 20 runes, inclusive',
    );
  });

  it.each(['ann', 'ann@', '@mail.example', 'ann @mail.example', 'a@b@c', 'Ann <ann@mail.example>'])(
    'is no email: %s',
    (email) => {
      expect(addHuman({ email: { email } })).toBe(
        `invalid AddHumanUserRequest.Email: ${EMBEDDED}invalid SetHumanEmail.Email: value must be a valid email address`,
      );
    },
  );

  it.each(['\u0000', '\n', '\u001b', '\u007f', '\u0085'])('has no control character: %j', (bad) => {
    const invalid = 'value must not contain control characters';
    expect(setPassword({ userId: `a${bad}` })).toBe(
      `invalid SetPasswordRequest.UserId: ${invalid}`,
    );
  });

  it.each(['\u200b', '\u202e', '\u2066', '\ufeff', '\u00ad', '\u3164'])(
    'has no invisible character where it tells users apart: %j',
    (bad) => {
      const invalid = 'value must not contain invisible characters';
      expect(setPassword({ userId: `a${bad}` })).toBe(
        `invalid SetPasswordRequest.UserId: ${invalid}`,
      );
      expect(addHuman({ username: `a${bad}` })).toBe(
        `invalid AddHumanUserRequest.Username: ${invalid}`,
      );
      expect(addHuman({ email: { email: `a${bad}@mail.example` } })).toMatch(
        /^invalid AddHumanUserRequest.Email: /,
      );
      // What is for people alone may be written in any script.
      expect(addHuman({ profile: { givenName: `Ann${bad}`, familyName: 'Ash' } })).toBeNull();
    },
  );

  it('that is a secret is left to the core, whatever is in it', () => {
    const password = 'a\u0000\n';
    expect(setPassword({ newPassword: { password } })).toBeNull();
    for (const name of ['currentPassword', 'verificationCode'] as const) {
      expect(setPassword({ verification: { case: name, value: password } })).toBeNull();
    }
    const passwordType = { case: 'hashedPassword', value: { hash: password } } as const;
    expect(addHuman({ passwordType })).toBeNull();
    expect(createSession({ checks: { password: { password } } })).toBeNull();
  });
});

describe('a message', () => {
  it('is there where it must be', () => {
    expect(addHuman({ profile: undefined })).toBe(
      'invalid AddHumanUserRequest.Profile: value is required',
    );
    expect(setPassword({ newPassword: undefined })).toBeNull();
  });

  it('is judged within another, and named with it where it is its own', () => {
    expect(setPassword({ newPassword: { password: '' } })).toBe(
      `invalid SetPasswordRequest.NewPassword: ${EMBEDDED}invalid Password.Password: ${RUNES}`,
    );
    const human = { profile: { givenName: 'Ann', familyName: 'Ash' } };
    expect(
      judge(users.createUser.input, {
        organizationId: 'org',
        userType: { case: 'human', value: human },
      }),
    ).toBe(
      `invalid CreateUserRequest.Human: ${EMBEDDED}invalid CreateUserRequest_Human.Email: value is required`,
    );
    const profile = { givenName: '' };
    expect(
      judge(users.updateUser.input, {
        userId: 'ann',
        userType: { case: 'human', value: { profile } },
      }),
    ).toBe(
      `invalid UpdateUserRequest.Human: ${EMBEDDED}invalid UpdateUserRequest_Human.Profile: ${EMBEDDED}invalid UpdateUserRequest_Human_Profile.GivenName: ${RUNES}`,
    );
  });

  it('of a list is named by its place', () => {
    const good = { key: 'k', value: Uint8Array.of(1) };
    expect(addHuman({ metadata: [good] })).toBeNull();
    expect(addHuman({ metadata: [good, { key: '', value: Uint8Array.of(1) }] })).toBe(
      `invalid AddHumanUserRequest.Metadata[1]: ${EMBEDDED}invalid SetMetadataEntry.Key: ${RUNES}`,
    );
  });
});

it('bytes are as long as they may be', () => {
  const invalid =
    'invalid SetMetadataEntry.Value: value length must be between 1 and 500000 bytes, inclusive';
  const metadata = (length: number) =>
    addHuman({ metadata: [{ key: 'k', value: new Uint8Array(length) }] });
  expect(metadata(0)).toContain(invalid);
  expect(metadata(500_000)).toBeNull();
  expect(metadata(500_001)).toContain(invalid);
});

it('an enum is one of its own, and none that is not allowed', () => {
  const state = (value: number) =>
    search({ query: { case: 'stateQuery', value: { state: value } } });
  expect(state(1)).toBeNull();
  expect(state(99)).toMatch(/StateQuery\.State: value must be one of the defined enum values$/);
  const webAuthN = (userVerificationRequirement: number) =>
    createSession({ challenges: { webAuthN: { domain: 'd', userVerificationRequirement } } });
  expect(webAuthN(1)).toBeNull();
  expect(webAuthN(0)).toMatch(
    /invalid RequestChallenges_WebAuthN\.UserVerificationRequirement: value must not be in list \[0\]$/,
  );
});

it('a bool that must be true is true, or not there', () => {
  const phone = (isVerified: boolean) =>
    addHuman({ phone: { phone: '+41', verification: { case: 'isVerified', value: isVerified } } });
  expect(phone(true)).toBeNull();
  expect(phone(false)).toMatch(/SetHumanPhone\.IsVerified: value must equal true$/);
  const { input } = settings.getLockoutSettings;
  expect(judge(input, {})).toBeNull();
  expect(judge(input, { ctx: { resourceOwner: { case: 'instance', value: false } } })).toBe(
    `invalid GetLockoutSettingsRequest.Ctx: ${EMBEDDED}invalid RequestContext.Instance: value must equal true`,
  );
});

it.each([
  [0n, 0, false],
  [-1n, 0, false],
  [0n, -1, false],
  [0n, 1, true],
  [1n, 0, true],
])('a duration of %ss and %ins is positive: %s', (seconds, nanos, isGood) => {
  expect(createSession({ lifetime: { seconds, nanos } })).toBe(
    isGood ? null : 'invalid CreateSessionRequest.Lifetime: value must be greater than 0s',
  );
});

it('one of several is chosen where one must be', () => {
  expect(search({})).toBe(
    `invalid ListUsersRequest.Queries[0]: ${EMBEDDED}invalid SearchQuery.Query: value is required`,
  );
  expect(judge(users.createUser.input, { organizationId: 'org' })).toBe(
    'invalid CreateUserRequest.UserType: value is required',
  );
});

it('no value is ever in what is said of it', () => {
  const secret = 'correct horse battery staple';
  const long = secret.repeat(10);
  expect(setPassword({ userId: long, newPassword: { password: long } })).not.toContain(secret);
  expect(addHuman({ email: { email: secret } })).not.toContain(secret);
});
