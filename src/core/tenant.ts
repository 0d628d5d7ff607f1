// A tenant: who the users belong to, how the wire names it, and the policy that it chose.
import type { Language, Templates } from './message-words.ts';
import type { PasswordPolicy } from './policy.ts';

/** The three values that VBA clients send with each request. */
export interface Tenancy {
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
}

/** How a tenant's messages go out: letters by e-mail where it has a sender, the rest by its webhook. */
export interface Delivery {
  readonly email?: Sender;
  readonly webhook?: {
    readonly url: string;
    /** Sealed as 'webhook-secret' for the tenant. */
    readonly sealedSecret: string;
  };
}

/** Whom letters are from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** `temporary`: what an administrator chooses must be changed at the next sign-in. `forbidden`: it is refused. */
export type AdministratorPasswords = 'allowed' | 'temporary' | 'forbidden';

/** Lives are in seconds. Bounds are checked where settings are set: dialects/admin/schema.ts. */
export interface Settings {
  readonly policy: PasswordPolicy;
  /** Whether common, breached and trivial passwords are refused. */
  readonly screening: boolean;
  /** How many of the last passwords, the present one included, may not come again. Absent: none, as 0. */
  readonly history?: number;
  /** An older password must be changed at the next sign-in. Seconds. Absent: passwords do not grow old. */
  readonly maxAge?: number;
  /** Whether who may write users may choose a user's password. Absent: 'allowed'. */
  readonly administratorPasswords?: AdministratorPasswords;
  /** Whether breached passwords are asked for over the network, too. Absent: no. */
  readonly screeningOnline?: boolean;
  readonly accessTokenLife: number;
  readonly refreshTokenLife: number;
  readonly temporaryPasswordLife: number;
  readonly challengeLife: number;
  readonly codeLife: number;
  /** A ZAP change needs a secureOTP as well as the old password. */
  readonly requireSecureOtp: boolean;
  /** Absent: nothing is sent. */
  readonly delivery?: Delivery;
  /** Template of the link in a reset message; every other link must be of its origin. Absent: there is no link. */
  readonly resetUrl?: string;
  /** Whether users are told what happened to their accounts. */
  readonly notices: boolean;
  /** Of messages to users who prefer none of the languages that there are. */
  readonly language: Language;
  /** In place of the built-in words. */
  readonly templates: Templates;
}

const DEFAULT_SETTINGS: Settings = {
  policy: { minLength: 15, maxLength: 200, requireClasses: [] },
  screening: true,
  history: 0,
  administratorPasswords: 'allowed',
  screeningOnline: false,
  accessTokenLife: 24 * 3600,
  refreshTokenLife: 90 * 24 * 3600,
  temporaryPasswordLife: 7 * 24 * 3600,
  challengeLife: 15 * 60,
  codeLife: 10 * 60,
  requireSecureOtp: false,
  notices: true,
  language: 'en',
  templates: {},
};

type Choosable = Omit<Settings, 'policy'> & { readonly policy: Partial<PasswordPolicy> };

/** What a tenant chooses: null goes back to the default, and what is not named stays as it was. */
export type SettingsChoice = { readonly [Name in keyof Choosable]?: Choosable[Name] | null };

export function chooseSettings(choice: SettingsChoice, before = DEFAULT_SETTINGS): Settings {
  const { policy, ...others } = choice;
  const chosen = { ...before, ...others, policy: { ...before.policy, ...policy } };
  const names = Object.keys(choice) as (keyof Settings)[];
  const dropped = names.filter((name) => choice[name] === null);
  const kept = Object.entries(chosen).filter(([name]) => !dropped.includes(name as keyof Settings));
  return { ...DEFAULT_SETTINGS, ...(Object.fromEntries(kept) as Partial<Settings>) };
}

export interface Tenant extends Tenancy {
  /** The organisation id. */
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
}
