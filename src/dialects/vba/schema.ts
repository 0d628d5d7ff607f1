// The wire shapes of VBA. Field names match without regard to case; unknown fields are ignored.
import * as z from 'zod/mini';
import { cleanText } from '../../wire/validate.ts';

const MAX_ID = 200;
/** Only bounds what is compared: a password's own rules are the core's. */
const MAX_SECRET = 2048;
const secretText = z.string().check(z.minLength(1), z.maxLength(MAX_SECRET));

export const changeTemporaryPasswordSchema = z.object({
  userID: cleanText(MAX_ID),
  newPassword: secretText,
  session: secretText,
});

const FIELD_NAMES = new Map(
  Object.keys(changeTemporaryPasswordSchema.shape).map((name) => [name.toLowerCase(), name]),
);

/** The vendor's serializer does not tell `userId` from `userID`. */
export function canonicalField(name: string): string {
  const folded = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return FIELD_NAMES.get(folded) ?? folded;
}

/** Decoded "userID:password". */
export const basicUserId = cleanText(MAX_ID);
