// The wire shapes of ZAP. Unknown fields are ignored.
import * as z from 'zod/mini';
import { cleanText } from '../../wire/validate.ts';

const MAX_ID = 200;
const MAX_NAME = 200;
const MAX_EMAIL = 320;
/** Only bounds what is compared: a password's own rules are the core's. */
const secretText = z.string().check(z.minLength(1), z.maxLength(2048));
/** Letters and digits; a code is at most 20 characters long. */
const otpText = z.string().check(z.regex(/^[A-Za-z0-9]{1,20}$/));
const emailText = cleanText(MAX_EMAIL).check(z.regex(/^[^\s@]+@[^\s@]+$/));
const role = z.enum(['user', 'admin']);

export const changePasswordSchema = z.object({
  userId: cleanText(MAX_ID),
  email: cleanText(MAX_EMAIL),
  oldPassword: secretText,
  newPassword: secretText,
  secureOTP: z.optional(otpText),
});

export const loginSchema = z.object({
  identity: cleanText(MAX_EMAIL),
  password: secretText,
});

export const refreshSchema = z.object({ refreshToken: secretText });

/** Where a code is to go to. */
export const requestOtpSchema = z
  .object({
    userId: cleanText(MAX_ID),
    email: z.optional(cleanText(MAX_EMAIL)),
    phoneNumber: z.optional(cleanText(MAX_ID)),
  })
  .check(onlyOne('email', 'phoneNumber'));

/** Whose code is to be sent once more. */
export const resendOtpSchema = z
  .object({
    email: z.optional(cleanText(MAX_EMAIL)),
    username: z.optional(cleanText(MAX_ID)),
    phoneNumber: z.optional(cleanText(MAX_ID)),
  })
  .check(onlyOne('email', 'username', 'phoneNumber'));

export const requestResetSchema = z.object({ identity: cleanText(MAX_EMAIL) });

export const verifyOtpSchema = z.object({ identity: cleanText(MAX_EMAIL), otp: otpText });

export const resetPasswordSchema = z.object({
  identity: cleanText(MAX_EMAIL),
  otp: otpText,
  newPassword: secretText,
});

export const createUserSchema = z.object({
  username: cleanText(MAX_ID),
  email: emailText,
  password: secretText,
  phoneNumber: z.optional(cleanText(MAX_ID)),
  roleId: z.optional(role),
  name: z.optional(cleanText(MAX_NAME)),
});

const updateFields = z.object({
  name: z.optional(cleanText(MAX_NAME)),
  email: z.optional(emailText),
  roleId: z.optional(role),
});

/** What would change nothing is a mistake: the fields that it meant are not these. */
export const updateUserSchema = updateFields.check(
  z.refine((fields) => Object.values(fields).some((value) => value !== undefined), {
    path: ['one of name, email and roleId'],
  }),
);

export const listUsersSchema = z.object({
  limit: z.optional(z.string().check(z.regex(/^(?:[1-9]\d?|100)$/))),
  offset: z.optional(z.string().check(z.regex(/^\d{1,9}$/))),
});

/** Of a path, decoded. */
export const pathUserId = cleanText(MAX_ID);

export type ChangePasswordBody = z.output<typeof changePasswordSchema>;
export type RequestOtpBody = z.output<typeof requestOtpSchema>;
export type ResendOtpBody = z.output<typeof resendOtpSchema>;
export type CreateUserBody = z.output<typeof createUserSchema>;
export type UpdateUserBody = z.output<typeof updateUserSchema>;
export type ListUsersQuery = z.output<typeof listUsersSchema>;

/** A refusal names them all: "exactly one of email and phoneNumber is required." */
function onlyOne(...names: readonly string[]) {
  const isOne = (fields: Readonly<Record<string, string | undefined>>) =>
    names.filter((name) => fields[name] !== undefined).length === 1;
  const path = `exactly one of ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return z.refine<Record<string, string | undefined>>(isOne, { path: [path] });
}

const CHANGE_ALIASES = new Map([['otp', 'secureOTP']]);
const LOGIN_ALIASES = new Map([['email', 'identity']]);

/** `otp` is another name of `secureOTP`: both given is the field given twice. */
export function canonicalChangeField(name: string): string {
  return CHANGE_ALIASES.get(name) ?? name;
}

/** A login names its user by `identity` or by `email`. */
export function canonicalLoginField(name: string): string {
  return LOGIN_ALIASES.get(name) ?? name;
}
