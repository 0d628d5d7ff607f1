// Every secret that a test file uses, by the request, the answer or the call that showed it; and where such a one turns up.

/** Shorter ones are in any text by chance. */
const SHORTEST = 8;

/** Of fields and headers, in lower case and without dashes and underscores. */
const SECRET_NAMES = new Set([
  'password',
  'newpassword',
  'currentpassword',
  'oldpassword',
  'temporarypassword',
  'confirmpassword',
  'authorization',
  'adminkey',
  'servicetoken',
  'readertoken',
  'xapikey',
  'apikey',
  'key',
  'accesstoken',
  'idtoken',
  'expiredidtoken',
  'refreshtoken',
  'token',
  'sessiontoken',
  'session',
  'code',
  'verificationcode',
  'confirmationcode',
  'otp',
  'secureotp',
  'webhooksecret',
  'hash',
]);

/** A secret, and who showed it. */
const seen = new Map<string, string>();

export function watchSecret(secret: string, shownBy: string): void {
  if (secret.length >= SHORTEST && !seen.has(secret)) seen.set(secret, shownBy);
}

/** For a test that puts one on purpose where none may be, or that gives the same text as a name. */
export function forgetSecret(secret: string): void {
  seen.delete(secret);
}

export function listSecrets(): ReadonlyMap<string, string> {
  return seen;
}

/** What a request sends, as far as it can be read: JSON, a form, or nothing of the kind. */
export function watchRequest(path: string, init: RequestInit): void {
  const shownBy = `a request to ${path.split('?')[0]}`;
  for (const [name, value] of new Headers(init.headers)) watchNamed(name, value, shownBy);
  if (typeof init.body === 'string') watchBody(init.body, shownBy);
}

export function watchAnswer(path: string, text: string): void {
  watchBody(text, `an answer of ${path.split('?')[0]}`);
}

function watchBody(text: string, shownBy: string): void {
  try {
    watchFields(JSON.parse(text), shownBy);
  } catch {
    for (const [name, value] of new URLSearchParams(text)) watchNamed(name, value, shownBy);
  }
}

function watchFields(value: unknown, shownBy: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') watchNamed(name, field, shownBy);
    else watchFields(field, shownBy);
  }
}

function watchNamed(name: string, value: string, shownBy: string): void {
  if (!SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''))) return;
  const [scheme, shown] = value.split(' ');
  const isHeader = name.toLowerCase() === 'authorization';
  watchSecret(isHeader ? (shown ?? '') : value, `${name} of ${shownBy}`);
  if (isHeader && scheme === 'Basic') watchBasic(shown ?? '', shownBy);
}

function watchBasic(encoded: string, shownBy: string): void {
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const [, ...password] = new TextDecoder().decode(bytes).split(':');
    watchSecret(password.join(':'), `Basic of ${shownBy}`);
  } catch {
    // Not base64: then it holds no password.
  }
}

/** Which of the secrets is in which of the texts, without showing it. `texts` by where they are kept. */
export function findLeaks(
  secrets: ReadonlyMap<string, string>,
  texts: ReadonlyMap<string, string>,
): string[] {
  return [...secrets].flatMap(([secret, shownBy]) => {
    const isIn = searchFor(secret);
    return [...texts].flatMap(([place, text]) => (isIn(text) ? [`${shownBy}: in ${place}`] : []));
  });
}

/** Numbers stand alone: within a longer one, or within what is random, their digits are there by chance. */
function searchFor(secret: string): (text: string) => boolean {
  if (/^\d+$/.test(secret)) {
    const alone = new RegExp(`(?<![\\w-])${secret}(?![\\w-])`);
    return (text) => alone.test(text);
  }
  const escaped = JSON.stringify(secret).slice(1, -1);
  const forms = new Set([secret, escaped, encodeURIComponent(secret.toWellFormed())]);
  return (text) => [...forms].some((form) => text.includes(form));
}
