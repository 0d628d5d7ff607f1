// Every built-in message, whole, as its reader sees it.
import { expect, it } from 'vitest';
import { type MessageFields, renderMessage } from '../../src/core/message-text.ts';
import {
  type Language,
  MESSAGE_WORDS,
  type MessageActor,
  type MessageKind,
} from '../../src/core/message-words.ts';

const NOTICE: Omit<MessageFields, 'actor'> = {
  TenantName: 'Acme',
  UserId: 'ann',
  Code: null,
  Url: null,
  at: Date.UTC(2026, 2, 1, 23, 4, 59),
  codeLife: null,
};
const CODE = { Code: 'ABCD2345', Url: 'https://login.example/reset?code=ABCD2345', codeLife: 600 };
const CODE_KINDS: readonly MessageKind[] = ['password.reset', 'password.otp'];

/** The subject, then the paragraphs. */
type Lines = readonly string[];

const MESSAGES: readonly (readonly [MessageKind, Language, MessageActor, Lines])[] = [
  [
    'password.reset',
    'en',
    'user',
    [
      'Your code for a new password at Acme',
      'Hello,',
      'A new password for the account ann at Acme was asked for on 1 March 2026 at 23:04 UTC by you.',
      'Your code: ABCD2345',
      'It works once, for 10 min. Do not tell it to anybody.',
      'Or open this link: https://login.example/reset?code=ABCD2345',
      'If you did not ask for it, ignore this message: nothing changes. If it happens again, tell the administrator of Acme.',
    ],
  ],
  [
    'password.reset',
    'de',
    'user',
    [
      'Ihr Code für ein neues Passwort bei Acme',
      'Guten Tag,',
      'für das Konto ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von Ihnen ein neues Passwort angefordert.',
      'Ihr Code: ABCD2345',
      'Er gilt einmal, 10 Min. lang. Sagen Sie ihn niemandem.',
      'Oder öffnen Sie diesen Link: https://login.example/reset?code=ABCD2345',
      'Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese Nachricht: Es ändert sich nichts. Kommt das wieder vor, sagen Sie es bitte der Administration von Acme.',
    ],
  ],
  [
    'password.otp',
    'en',
    'administrator',
    [
      'Your code to change the password at Acme',
      'Hello,',
      'A code to change the password of the account ann at Acme was asked for on 1 March 2026 at 23:04 UTC by an administrator.',
      'Your code: ABCD2345',
      'It works once, for 10 min. Do not tell it to anybody.',
      'Or open this link: https://login.example/reset?code=ABCD2345',
      'If you did not ask for it, ignore this message: nothing changes. If it happens again, tell the administrator of Acme.',
    ],
  ],
  [
    'password.otp',
    'de',
    'administrator',
    [
      'Ihr Code zum Ändern des Passworts bei Acme',
      'Guten Tag,',
      'für das Konto ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von der Administration ein Code zum Ändern des Passworts angefordert.',
      'Ihr Code: ABCD2345',
      'Er gilt einmal, 10 Min. lang. Sagen Sie ihn niemandem.',
      'Oder öffnen Sie diesen Link: https://login.example/reset?code=ABCD2345',
      'Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese Nachricht: Es ändert sich nichts. Kommt das wieder vor, sagen Sie es bitte der Administration von Acme.',
    ],
  ],
  [
    'password.reset-requested',
    'en',
    'administrator',
    [
      'A new password was asked for at Acme',
      'Hello,',
      'A code for a new password of the account ann at Acme was asked for on 1 March 2026 at 23:04 UTC by an administrator, and handed out. Whoever has it can set a new password.',
      'If you know nothing of this, tell the administrator of Acme at once.',
    ],
  ],
  [
    'password.reset-requested',
    'de',
    'administrator',
    [
      'Ein neues Passwort wurde bei Acme angefordert',
      'Guten Tag,',
      'für das Konto ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von der Administration ein Code für ein neues Passwort angefordert und ausgegeben. Wer ihn hat, kann ein neues Passwort setzen.',
      'Wenn Sie davon nichts wissen, sagen Sie es bitte sofort der Administration von Acme.',
    ],
  ],
  [
    'password.changed',
    'en',
    'user',
    [
      'Your password at Acme was changed',
      'Hello,',
      'The password of the account ann at Acme was changed on 1 March 2026 at 23:04 UTC by you. Whoever was signed in before has to sign in again.',
      'If you know nothing of this, tell the administrator of Acme at once, and ask for a new password.',
    ],
  ],
  [
    'password.changed',
    'de',
    'user',
    [
      'Ihr Passwort bei Acme wurde geändert',
      'Guten Tag,',
      'das Passwort des Kontos ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von Ihnen geändert. Wer vorher angemeldet war, muss sich neu anmelden.',
      'Wenn Sie davon nichts wissen, sagen Sie es bitte sofort der Administration von Acme und fordern Sie ein neues Passwort an.',
    ],
  ],
  [
    'password.temporary',
    'en',
    'administrator',
    [
      'A temporary password was issued at Acme',
      'Hello,',
      'A temporary password for the account ann at Acme was issued on 1 March 2026 at 23:04 UTC by an administrator. It is never sent in a message like this one. Sign in with it to choose a password of your own.',
      'If you know nothing of this, tell the administrator of Acme at once.',
    ],
  ],
  [
    'password.temporary',
    'de',
    'administrator',
    [
      'Ein vorläufiges Passwort wurde bei Acme ausgestellt',
      'Guten Tag,',
      'für das Konto ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von der Administration ein vorläufiges Passwort ausgestellt. Es steht nie in einer Nachricht wie dieser. Melden Sie sich damit an, um ein eigenes zu wählen.',
      'Wenn Sie davon nichts wissen, sagen Sie es bitte sofort der Administration von Acme.',
    ],
  ],
  [
    'password.closed',
    'en',
    'unknown',
    [
      'Your password at Acme does not work any more',
      'Hello,',
      'Wrong passwords for the account ann at Acme were sent again and again, the last on 1 March 2026 at 23:04 UTC by somebody unknown. Where you did not sign in lately, the password does not work any more. Ask for a code and choose a new password.',
      'If you know nothing of this, tell the administrator of Acme at once: somebody is guessing your password.',
    ],
  ],
  [
    'password.closed',
    'de',
    'unknown',
    [
      'Ihr Passwort bei Acme gilt nicht mehr',
      'Guten Tag,',
      'für das Konto ann bei Acme kamen immer wieder falsche Passwörter, das letzte am 1. März 2026 um 23:04 Uhr (UTC) von einer unbekannten Person. Wo Sie sich nicht kürzlich angemeldet haben, gilt das Passwort nicht mehr. Fordern Sie einen Code an und wählen Sie ein neues Passwort.',
      'Wenn Sie davon nichts wissen, sagen Sie es bitte sofort der Administration von Acme: Jemand versucht, Ihr Passwort zu erraten.',
    ],
  ],
  [
    'account.locked',
    'en',
    'unknown',
    [
      'Your account at Acme was locked',
      'Hello,',
      'The account ann at Acme was locked on 1 March 2026 at 23:04 UTC by our guard against too many wrong passwords. After too many wrong passwords it opens by itself, within an hour, or with a code for a new password; what an administrator locked, the administrator opens.',
      'If you know nothing of this, tell the administrator of Acme at once: somebody may be guessing your password.',
    ],
  ],
  [
    'account.locked',
    'de',
    'unknown',
    [
      'Ihr Konto bei Acme wurde gesperrt',
      'Guten Tag,',
      'das Konto ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von unserem Schutz vor zu vielen falschen Passwörtern gesperrt. Nach zu vielen falschen Passwörtern öffnet es sich von selbst, innerhalb einer Stunde, oder mit einem Code für ein neues Passwort; was die Administration gesperrt hat, entsperrt die Administration.',
      'Wenn Sie davon nichts wissen, sagen Sie es bitte sofort der Administration von Acme: Vielleicht versucht jemand, Ihr Passwort zu erraten.',
    ],
  ],
];

it.each(MESSAGES)('%s in %s, by %s', (kind, language, actor, lines) => {
  const fields = { ...NOTICE, ...(CODE_KINDS.includes(kind) ? CODE : {}), actor };
  const { subject, text } = renderMessage(kind, language, fields, {});
  expect([subject, ...text.split('\n\n')]).toEqual(lines);
});

it('is shown here for each kind, in each language', () => {
  const shown = MESSAGES.map(([kind, language]) => `${kind} ${language}`);
  const kinds = Object.keys(MESSAGE_WORDS);
  expect(shown).toEqual(kinds.flatMap((kind) => [`${kind} en`, `${kind} de`]));
});

it('is in html what it is in text', () => {
  const fields: MessageFields = { ...NOTICE, ...CODE, actor: 'user' };
  expect(renderMessage('password.reset', 'de', fields, {}).html).toBe(
    [
      '<!doctype html><html lang="de"><head><meta charset="utf-8">',
      '<title>Ihr Code für ein neues Passwort bei Acme</title></head><body>',
      '<p>Guten Tag,</p>',
      '<p>für das Konto ann bei Acme wurde am 1. März 2026 um 23:04 Uhr (UTC) von Ihnen ein neues Passwort angefordert.</p>',
      '<p>Ihr Code: <strong>ABCD2345</strong></p>',
      '<p>Er gilt einmal, 10 Min. lang. Sagen Sie ihn niemandem.</p>',
      '<p>Oder öffnen Sie diesen Link: <a href="https://login.example/reset?code=ABCD2345">https://login.example/reset?code=ABCD2345</a></p>',
      '<p>Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese Nachricht: Es ändert sich nichts. Kommt das wieder vor, sagen Sie es bitte der Administration von Acme.</p>',
      '</body></html>',
    ].join(''),
  );
});
