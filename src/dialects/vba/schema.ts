// The wire shapes of VBA. Field names match without regard to case; unknown fields are ignored.
import * as z from 'zod/mini';
import { cleanText } from '../../wire/validate.ts';

const MAX_ID = 200;
const MAX_EMAIL = 320;
/** Only bounds what is compared: a password's own rules are the core's. */
const MAX_SECRET = 2048;
const secretText = z.string().check(z.minLength(1), z.maxLength(MAX_SECRET));

export const userIdText = cleanText(MAX_ID);

export const changeTemporaryPasswordSchema = z.object({
  userID: userIdText,
  newPassword: secretText,
  session: secretText,
});

export const forgotPasswordSchema = z.object({ userID: userIdText });

export const confirmForgotPasswordSchema = z.object({
  userID: userIdText,
  confirmationCode: secretText,
  newPassword: secretText,
});

export const changePasswordSchema = z.object({
  currentPassword: secretText,
  newPassword: secretText,
});

/** Of an id with a colon the Basic scheme would read the half (RFC 7617 section 2): its user could not sign in. */
const newUserId = userIdText.check(z.refine((id) => !id.includes(':')));
const email = cleanText(MAX_EMAIL).check(z.regex(/^[^\s@]+@[^\s@]+$/));
/** The vendor's serializer writes null for what was not set. */
const orNull = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(z.nullable(schema));

export const createUserSchema = z.object({
  userID: newUserId,
  email: orNull(email),
  temporaryPassword: orNull(secretText),
});

export type CreateUserBody = z.output<typeof createUserSchema>;

interface FieldNames {
  readonly shape: Readonly<Record<string, unknown>>;
}

/** Other names of a field. Both of them is the field given twice. */
const ALIASES: Readonly<Record<string, string>> = { previousPassword: 'currentPassword' };

/** The vendor's serializer does not tell `userId` from `userID`. Unknown names stay as they are. */
export function foldFieldNames({ shape }: FieldNames): (name: string) => string {
  const aliases = Object.entries(ALIASES).filter(([, name]) => Object.hasOwn(shape, name));
  const spellings = [...Object.keys(shape).map((name) => [name, name] as const), ...aliases];
  const asWritten = new Map(spellings);
  const names = new Map(spellings.map(([spelling, name]) => [fold(spelling), name]));
  return (name) => asWritten.get(name) ?? names.get(fold(name)) ?? name;
}

/** ASCII alone: any other mapping would merge names that are not the same. */
function fold(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
