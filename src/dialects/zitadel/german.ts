// What ZITADEL says in German, by the English text. What is not here is never translated: the vendor answers for
// callers and for malformed messages before it knows their language.

export const GERMAN: Readonly<Record<string, string>> = {
  'Password is empty': 'Passwort ist leer',
  'Password is invalid': 'Passwort ist ungültig',
  'Password is too short': 'Passwort ist zu kurz',
  'Password is too long': 'Passwort ist zu lang',
  'Password must contain lower case': 'Passwort muss Kleinbuchstaben enthalten',
  'Password must contain upper case': 'Passwort muss Großbuchstaben enthalten',
  'Password must contain number': 'Passwort muss eine Zahl enthalten',
  'Password must contain symbol': 'Passwort muss ein Sonderzeichen enthalten',
  'Password must not be made of the names of its user':
    'Passwort darf nicht aus den Namen des Benutzers bestehen',
  'Password must be Unicode text without control characters':
    'Passwort muss Unicode-Text ohne Steuerzeichen sein',
  'Password not found': 'Passwort nicht gefunden',
  'User has not set a password': 'Benutzer hat kein Passwort gesetzt',
  'User already exists': 'Benutzer existiert bereits',
  'User is not active or initial': 'Benutzer ist weder aktiv noch initial',
  'User is not locked': 'Benutzer ist nicht gesperrt',
  'User is already inactive': 'Benutzer ist bereits inaktiv',
  'User is not inactive': 'Benutzer ist nicht inaktiv',
  'Session does not exist': 'Session existiert nicht',
  'Session has expired': 'Session ist abgelaufen',
  'Session Token is invalid': 'Session Token ist ungültig',
  'Session metadata is too large': 'Die Metadaten der Session sind zu groß',
  'user change not possible': 'Wechsel des Benutzers ist nicht möglich',
  'Password hash encoding not supported. Check out https://zitadel.com/docs/concepts/architecture/secrets#hashed-secrets':
    'Encoding des Passwort-Hashes wird nicht unterstützt. Siehe https://zitadel.com/docs/concepts/architecture/secrets#hashed-secrets',
  'User could not be found': 'Benutzer konnte nicht gefunden werden',
  'New password cannot be the same as your current password':
    'Das neue Passwort darf nicht dem aktuellen Passwort entsprechen',
  'No delivery is configured': 'Es ist kein Versand eingerichtet',
  'User has no email address': 'Benutzer hat keine E-Mail-Adresse',
  'User has no phone number': 'Benutzer hat keine Telefonnummer',
  'URL Template is invalid': 'URL Template ist ungültig',
  'URL Template leads to a foreign address': 'URL Template führt zu einer fremden Adresse',
  'Code is invalid': 'Code ist ungültig',
  'Code is expired': 'Code ist abgelaufen',
  'Code not found': 'Code nicht gefunden',
  'the deadline has passed: nothing was changed': 'die Frist ist abgelaufen: nichts wurde geändert',
  'Too many attempts': 'Zu viele Versuche',
  'The password was changed meanwhile': 'Das Passwort wurde inzwischen geändert',
  'The password must be reset': 'Das Passwort muss zurückgesetzt werden',
  'The temporary password has expired': 'Das vorläufige Passwort ist abgelaufen',
  'An internal error occurred': 'Ein interner Fehler ist aufgetreten',
};
