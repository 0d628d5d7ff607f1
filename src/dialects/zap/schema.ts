// The wire shapes of ZAP. Unknown fields are ignored.
import * as z from 'zod/mini';
import { cleanText } from '../../wire/validate.ts';

const MAX_ID = 200;
const MAX_EMAIL = 320;
/** Only bounds what is compared: a password's own rules are the core's. */
const secretText = z.string().check(z.minLength(1), z.maxLength(2048));
/** Letters and digits; a code is at most 20 characters long. */
const otpText = z.string().check(z.regex(/^[A-Za-z0-9]{1,20}$/));

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

const ALIASES = new Map([['otp', 'secureOTP']]);
const LOGIN_ALIASES = new Map([['email', 'identity']]);

/** `otp` is another name of `secureOTP`: both given is the field given twice. */
export function canonicalChangeField(name: string): string {
  return ALIASES.get(name) ?? name;
}

/** A login names its user by `identity` or by `email`. */
export function canonicalLoginField(name: string): string {
  return LOGIN_ALIASES.get(name) ?? name;
}
