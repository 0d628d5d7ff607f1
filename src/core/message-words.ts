// The messages that users get, and the words of each in every language, for tenants that bring no words of their own.

/** Those of a code, and the notices of what happened to an account. A notice never holds a secret. */
export type MessageKind =
  | 'password.reset'
  | 'password.otp'
  | 'password.reset-requested'
  | 'password.changed'
  | 'password.temporary'
  | 'password.closed'
  | 'account.locked';

export type Language = 'en' | 'de';

/** Who caused what the message tells. `unknown`: nobody known, such as whoever sent too many wrong passwords. */
export type MessageActor = 'user' | 'administrator' | 'unknown';

/** See message-text.ts for the fields. Without `html` it is made of the text. */
export interface MessageTemplate {
  readonly subject: string;
  /** Paragraphs are parted by blank lines; one with a field that has no value is left out. */
  readonly text: string;
  readonly html?: string;
}

/** A tenant's own; the built-in ones stand in for what is missing. */
export type Templates = Partial<Record<MessageKind, Partial<Record<Language, MessageTemplate>>>>;

/** Read after "by" and "von". A lock that nobody asked for is the work of our own guard against guessing. */
export const ACTOR_WORDS: Readonly<
  Record<Language, Readonly<Record<MessageActor | 'guard', string>>>
> = {
  en: {
    user: 'you',
    administrator: 'an administrator',
    unknown: 'somebody unknown',
    guard: 'our guard against too many wrong passwords',
  },
  de: {
    user: 'Ihnen',
    administrator: 'der Administration',
    unknown: 'einer unbekannten Person',
    guard: 'unserem Schutz vor zu vielen falschen Passwörtern',
  },
};

const CODE_EN = [
  'Your code: {{.Code}}',
  'It works once, for {{.Minutes}} min. Do not tell it to anybody.',
  'Or open this link: {{.Url}}',
  'If you did not ask for it, ignore this message: nothing changes. If it happens again, tell the administrator of {{.TenantName}}.',
] as const;
const CODE_DE = [
  'Ihr Code: {{.Code}}',
  'Er gilt einmal, {{.Minutes}} Min. lang. Sagen Sie ihn niemandem.',
  'Oder öffnen Sie diesen Link: {{.Url}}',
  'Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese Nachricht: Es ändert sich nichts. Kommt das wieder vor, sagen Sie es bitte der Administration von {{.TenantName}}.',
] as const;
const REPUDIATE_EN =
  'If you know nothing of this, tell the administrator of {{.TenantName}} at once';
const REPUDIATE_DE =
  'Wenn Sie davon nichts wissen, sagen Sie es bitte sofort der Administration von {{.TenantName}}';

/** Each notice says how to disown what happened: NIST SP 800-63B-4, 4.6. */
export const MESSAGE_WORDS: Readonly<
  Record<MessageKind, Readonly<Record<Language, MessageTemplate>>>
> = {
  'password.reset': {
    en: write(
      'Your code for a new password at {{.TenantName}}',
      'Hello,',
      'A new password for the account {{.UserId}} at {{.TenantName}} was asked for on {{.Time}} by {{.Actor}}.',
      ...CODE_EN,
    ),
    de: write(
      'Ihr Code für ein neues Passwort bei {{.TenantName}}',
      'Guten Tag,',
      'für das Konto {{.UserId}} bei {{.TenantName}} wurde am {{.Time}} von {{.Actor}} ein neues Passwort angefordert.',
      ...CODE_DE,
    ),
  },
  'password.otp': {
    en: write(
      'Your code to change the password at {{.TenantName}}',
      'Hello,',
      'A code to change the password of the account {{.UserId}} at {{.TenantName}} was asked for on {{.Time}} by {{.Actor}}.',
      ...CODE_EN,
    ),
    de: write(
      'Ihr Code zum Ändern des Passworts bei {{.TenantName}}',
      'Guten Tag,',
      'für das Konto {{.UserId}} bei {{.TenantName}} wurde am {{.Time}} von {{.Actor}} ein Code zum Ändern des Passworts angefordert.',
      ...CODE_DE,
    ),
  },
  'password.reset-requested': {
    en: write(
      'A new password was asked for at {{.TenantName}}',
      'Hello,',
      'A code for a new password of the account {{.UserId}} at {{.TenantName}} was asked for on {{.Time}} by {{.Actor}}, and handed out. Whoever has it can set a new password.',
      `${REPUDIATE_EN}.`,
    ),
    de: write(
      'Ein neues Passwort wurde bei {{.TenantName}} angefordert',
      'Guten Tag,',
      'für das Konto {{.UserId}} bei {{.TenantName}} wurde am {{.Time}} von {{.Actor}} ein Code für ein neues Passwort angefordert und ausgegeben. Wer ihn hat, kann ein neues Passwort setzen.',
      `${REPUDIATE_DE}.`,
    ),
  },
  'password.changed': {
    en: write(
      'Your password at {{.TenantName}} was changed',
      'Hello,',
      'The password of the account {{.UserId}} at {{.TenantName}} was changed on {{.Time}} by {{.Actor}}. Whoever was signed in before has to sign in again.',
      `${REPUDIATE_EN}, and ask for a new password.`,
    ),
    de: write(
      'Ihr Passwort bei {{.TenantName}} wurde geändert',
      'Guten Tag,',
      'das Passwort des Kontos {{.UserId}} bei {{.TenantName}} wurde am {{.Time}} von {{.Actor}} geändert. Wer vorher angemeldet war, muss sich neu anmelden.',
      `${REPUDIATE_DE} und fordern Sie ein neues Passwort an.`,
    ),
  },
  'password.temporary': {
    en: write(
      'A temporary password was issued at {{.TenantName}}',
      'Hello,',
      'A temporary password for the account {{.UserId}} at {{.TenantName}} was issued on {{.Time}} by {{.Actor}}. It is never sent in a message like this one. Sign in with it to choose a password of your own.',
      `${REPUDIATE_EN}.`,
    ),
    de: write(
      'Ein vorläufiges Passwort wurde bei {{.TenantName}} ausgestellt',
      'Guten Tag,',
      'für das Konto {{.UserId}} bei {{.TenantName}} wurde am {{.Time}} von {{.Actor}} ein vorläufiges Passwort ausgestellt. Es steht nie in einer Nachricht wie dieser. Melden Sie sich damit an, um ein eigenes zu wählen.',
      `${REPUDIATE_DE}.`,
    ),
  },
  'password.closed': {
    en: write(
      'Your password at {{.TenantName}} does not work any more',
      'Hello,',
      'Wrong passwords for the account {{.UserId}} at {{.TenantName}} were sent again and again, the last on {{.Time}} by {{.Actor}}. Where you did not sign in lately, the password does not work any more. Ask for a code and choose a new password.',
      `${REPUDIATE_EN}: somebody is guessing your password.`,
    ),
    de: write(
      'Ihr Passwort bei {{.TenantName}} gilt nicht mehr',
      'Guten Tag,',
      'für das Konto {{.UserId}} bei {{.TenantName}} kamen immer wieder falsche Passwörter, das letzte am {{.Time}} von {{.Actor}}. Wo Sie sich nicht kürzlich angemeldet haben, gilt das Passwort nicht mehr. Fordern Sie einen Code an und wählen Sie ein neues Passwort.',
      `${REPUDIATE_DE}: Jemand versucht, Ihr Passwort zu erraten.`,
    ),
  },
  'account.locked': {
    en: write(
      'Your account at {{.TenantName}} was locked',
      'Hello,',
      'The account {{.UserId}} at {{.TenantName}} was locked on {{.Time}} by {{.Actor}}. After too many wrong passwords it opens by itself, within an hour, or with a code for a new password; what an administrator locked, the administrator opens.',
      `${REPUDIATE_EN}: somebody may be guessing your password.`,
    ),
    de: write(
      'Ihr Konto bei {{.TenantName}} wurde gesperrt',
      'Guten Tag,',
      'das Konto {{.UserId}} bei {{.TenantName}} wurde am {{.Time}} von {{.Actor}} gesperrt. Nach zu vielen falschen Passwörtern öffnet es sich von selbst, innerhalb einer Stunde, oder mit einem Code für ein neues Passwort; was die Administration gesperrt hat, entsperrt die Administration.',
      `${REPUDIATE_DE}: Vielleicht versucht jemand, Ihr Passwort zu erraten.`,
    ),
  },
};

function write(subject: string, ...paragraphs: readonly string[]): MessageTemplate {
  return { subject, text: paragraphs.join('\n\n') };
}
