// A tenant: who the users belong to, how the wire names it, and the policy that it chose.
import type { PasswordPolicy } from './policy.ts';

/** The three values that VBA clients send with each request. */
export interface Tenancy {
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
}

/** How a tenant's messages go out. */
export interface Delivery {
  readonly webhookUrl: string;
  /** Sealed as 'webhook-secret' for the tenant. */
  readonly sealedSecret: string;
}

/** Lives are in seconds. Bounds are checked where settings are set: dialects/admin/schema.ts. */
export interface Settings {
  readonly policy: PasswordPolicy;
  readonly accessTokenLife: number;
  readonly refreshTokenLife: number;
  readonly temporaryPasswordLife: number;
  readonly challengeLife: number;
  readonly codeLife: number;
  /** A ZAP change needs a secureOTP as well as the old password. */
  readonly requireSecureOtp: boolean;
  /** Absent: nothing is sent. */
  readonly delivery?: Delivery;
  /** Template of the link in a reset message; every other link must be of its origin. Absent: nothing is sent. */
  readonly resetUrl?: string;
}

const DEFAULT_SETTINGS: Settings = {
  policy: { minLength: 15, maxLength: 200, requireClasses: [] },
  accessTokenLife: 24 * 3600,
  refreshTokenLife: 90 * 24 * 3600,
  temporaryPasswordLife: 7 * 24 * 3600,
  challengeLife: 15 * 60,
  codeLife: 10 * 60,
  requireSecureOtp: false,
};

/** What a tenant chose; the rest is as by default. */
export type SettingsChoice = Partial<Omit<Settings, 'policy' | 'delivery'>> & {
  readonly policy?: Partial<PasswordPolicy>;
};

export function completeSettings(choice: SettingsChoice): Settings {
  return {
    ...DEFAULT_SETTINGS,
    ...choice,
    policy: { ...DEFAULT_SETTINGS.policy, ...choice.policy },
  };
}

export interface Tenant extends Tenancy {
  /** The organisation id. */
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
}
