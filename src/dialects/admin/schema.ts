// The wire shapes of the operator's door, with the bounds of every setting: what is outside is refused when it is set.
import * as z from 'zod/mini';
import { isPlainAddress } from '../../core/email-address.ts';
import { findTemplateFault } from '../../core/message-text.ts';
import type { MessageKind, MessageTemplate } from '../../core/message-words.ts';
import { isLinkTemplate } from '../../core/url-template.ts';
import { isWebhookSecret, isWebhookUrl } from '../../core/webhook.ts';
import { cleanText } from '../../wire/validate.ts';

const MAX_ID = 200;
const MAX_NAME = 200;
const MAX_EMAIL = 320;
const MAX_URL = 500;

/** A comma is what two headers of one name are joined with, so that no tenant may hold one. */
const headerText = cleanText(MAX_ID).check(
  z.regex(/^[\x21-\x2b\x2d-\x7e](?:[\x20-\x2b\x2d-\x7e]*[\x21-\x2b\x2d-\x7e])?$/),
);
const organisationId = cleanText(MAX_ID).check(z.regex(/^(?!\.{1,2}$)[A-Za-z0-9._~-]+$/));
const host = z
  .string()
  .check(z.toLowerCase(), z.maxLength(253), z.regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/));
const email = cleanText(MAX_EMAIL).check(z.regex(/^[^\s@]+@[^\s@]+$/));
const secretText = z.string().check(z.minLength(1), z.maxLength(2048));

const MINUTE = 60;
const DAY = 24 * 3600;
const seconds = (from: number, to: number) => z.optional(z.int().check(z.gte(from), z.lte(to)));
const length = (from: number, to: number) => z.optional(z.int().check(z.gte(from), z.lte(to)));

/** A secret that could be guessed, or an address that anyone could read along at, would give every code away. */
const deliverySchema = z
  .strictObject({
    webhookUrl: z.optional(cleanText(MAX_URL).check(z.refine(isWebhookUrl))),
    webhookSecret: z.optional(z.string().check(z.refine(isWebhookSecret))),
    emailFrom: z.optional(
      z.strictObject({
        name: cleanText(MAX_NAME),
        address: cleanText(MAX_EMAIL).check(z.refine(isPlainAddress)),
      }),
    ),
  })
  .check(
    // One of the two channels, and a webhook whole.
    z.refine(
      ({ webhookUrl, webhookSecret, emailFrom }) => {
        return webhookUrl !== undefined || (webhookSecret === undefined && emailFrom !== undefined);
      },
      { path: ['webhookUrl'] },
    ),
    z.refine(
      ({ webhookUrl, webhookSecret }) => {
        return webhookSecret !== undefined || webhookUrl === undefined;
      },
      { path: ['webhookSecret'] },
    ),
  );

const MAX_SUBJECT = 200;
const MAX_TEXT = 4000;
/** Half a character cannot be written into a letter: the code in it would never arrive. */
const words = (max: number) =>
  z.string().check(
    z.maxLength(max),
    z.refine((text) => text.isWellFormed()),
  );
const template = z.strictObject({
  subject: words(MAX_SUBJECT),
  text: words(MAX_TEXT),
  html: z.optional(words(MAX_TEXT)),
});
const templateOf = (kind: MessageKind) => {
  const usable = z.optional(
    template.check(z.refine((given) => findTemplateFault(kind, given as MessageTemplate) === null)),
  );
  return z.optional(z.strictObject({ en: usable, de: usable }));
};
const templatesSchema = z.strictObject({
  'password.reset': templateOf('password.reset'),
  'password.otp': templateOf('password.otp'),
  'password.reset-requested': templateOf('password.reset-requested'),
  'password.changed': templateOf('password.changed'),
  'password.temporary': templateOf('password.temporary'),
  'password.closed': templateOf('password.closed'),
  'account.locked': templateOf('account.locked'),
} satisfies Record<MessageKind, unknown>);

/**
 * NIST SP 800-63B-4: a code sent by mail lives 24 hours at most (4.2.1.2). Below 15 characters a password should not
 * stand alone (3.1.1.2): 8 to 14, and an age, are for who must mirror the rule of an old system. Each remembered
 * password costs a derivation, so that there are four at most (PCI DSS 8.3.7).
 */
const settings = {
  policy: z.optional(
    z.strictObject({
      minLength: length(8, 30),
      maxLength: length(30, 200),
      requireClasses: z.optional(z.array(z.enum(['lower', 'upper', 'digit', 'symbol']))),
    }),
  ),
  screening: z.optional(z.boolean()),
  screeningOnline: z.optional(z.boolean()),
  history: z.optional(z.int().check(z.gte(0), z.lte(4))),
  maxAge: seconds(DAY, 3650 * DAY),
  administratorPasswords: z.optional(z.enum(['allowed', 'temporary', 'forbidden'])),
  accessTokenLife: seconds(MINUTE, DAY),
  refreshTokenLife: seconds(MINUTE, 365 * DAY),
  temporaryPasswordLife: seconds(MINUTE, 90 * DAY),
  challengeLife: seconds(MINUTE, 60 * MINUTE),
  codeLife: seconds(MINUTE, DAY),
  requireSecureOtp: z.optional(z.boolean()),
  delivery: z.optional(deliverySchema),
  resetUrl: z.optional(cleanText(MAX_URL).check(z.refine(isLinkTemplate))),
  notices: z.optional(z.boolean()),
  language: z.optional(z.enum(['en', 'de'])),
  templates: z.optional(templatesSchema),
} as const;
const settingsSchema = z.strictObject(settings);

type Nullable = {
  [Name in keyof typeof settings]: z.ZodMiniOptional<z.ZodMiniNullable<(typeof settings)[Name]>>;
};

/** Null goes back to the default. */
export const updateTenantSchema = z.strictObject({
  settings: z.strictObject(
    Object.fromEntries(
      Object.entries(settings).map(([name, schema]) => [name, z.optional(z.nullable(schema))]),
    ) as unknown as Nullable,
  ),
});

export const createTenantSchema = z.strictObject({
  name: cleanText(MAX_NAME),
  orgId: z.optional(organisationId),
  clientId: headerText,
  clientCode: headerText,
  database: headerText,
  hosts: z._default(z.array(host).check(z.maxLength(20)), []),
  settings: z.optional(settingsSchema),
});

export const createKeySchema = z.strictObject({
  name: cleanText(MAX_NAME),
  scopes: z.array(z.enum(['signin', 'user.read', 'user.write'])).check(z.minLength(1)),
});

/** Ids are compared as they are: one spelling each, and every one can stand in a path. */
const newUserId = cleanText(MAX_ID).check(
  z.refine((id) => id === id.normalize('NFC').trim() && !/^\.{1,2}$/.test(id)),
);

const userFields = z.strictObject({
  userId: z.optional(newUserId),
  username: z.optional(cleanText(MAX_ID)),
  email: z.optional(email),
  phone: z.optional(cleanText(MAX_ID)),
  name: z.optional(cleanText(MAX_NAME)),
  role: z.optional(z.enum(['user', 'admin'])),
  password: z.optional(secretText),
  temporaryPassword: z.optional(secretText),
  generateTemporaryPassword: z.optional(z.literal(true)),
});

/** At most one of the three ways to a password; none makes a user who has none yet. */
export const createUserSchema = userFields.check(
  z.refine(
    (user) => {
      const ways = [user.password, user.temporaryPassword, user.generateTemporaryPassword];
      return ways.filter((way) => way !== undefined).length <= 1;
    },
    { path: ['password'] },
  ),
);

export const createCodeSchema = z.strictObject({ purpose: z.enum(['reset', 'secure-otp']) });

/** Where a portion begins; without it, at the beginning. */
export const rewrapSchema = z.strictObject({
  from: z.optional(
    z.strictObject({
      place: cleanText(MAX_ID),
      table: cleanText(MAX_ID),
      after: z.array(cleanText(MAX_ID)).check(z.maxLength(3)),
    }),
  ),
});

const page = {
  after: z.optional(z.string().check(z.regex(/^\d{1,15}$/))),
  limit: z.optional(z.string().check(z.regex(/^[1-9]\d{0,2}$/))),
} as const;

export const listEventsSchema = z.object({ userId: z.optional(cleanText(MAX_ID)), ...page });

export const listCheckpointsSchema = z.object(page);

export type SettingsBody = z.output<typeof settingsSchema>;
export type UpdateTenantBody = z.output<typeof updateTenantSchema>;
export type CreateTenantBody = z.output<typeof createTenantSchema>;
export type CreateUserBody = z.output<typeof createUserSchema>;
export type ListEventsQuery = z.output<typeof listEventsSchema>;
export type ListCheckpointsQuery = z.output<typeof listCheckpointsSchema>;
