// Letters through the real send_email binding of the local runtime, read back from where it keeps them.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { unstable_startWorker as startWorker } from 'wrangler';
import type { Mail } from '../../src/core/ports.ts';
import { type KeptLetter, readLetters } from '../support/letters.ts';

type Letter = Parameters<Mail>[0];

const WORKER = join(import.meta.dirname, '../support/mail-worker.ts');

const LETTER: Letter = {
  from: { name: 'Acme', address: 'no-reply@acme.example' },
  to: 'ann@mail.example',
  subject: 'Reset your password',
  text: 'Your code is 123456.\n',
  html: '<p>Your code is <b>123456</b>.</p>',
  messageId: 'msg_0001',
};

let worker: Awaited<ReturnType<typeof startWorker>>;
let url: URL;
let before: readonly KeptLetter[];

beforeAll(async () => {
  // It would print every letter.
  vi.stubEnv('WRANGLER_LOG', 'none');
  worker = await startWorker({
    name: 'letters',
    entrypoint: WORKER,
    compatibilityDate: '2026-10-01',
    bindings: {
      EMAIL: { type: 'send_email' },
      EMAIL_TO_ANN: { type: 'send_email', allowed_destination_addresses: [LETTER.to] },
    },
    dev: {
      server: { hostname: '127.0.0.1', port: 0 },
      inspector: false,
      persist: false,
      watch: false,
    },
  });
  await worker.ready;
  url = await worker.url;
});

afterAll(async () => {
  await worker.dispose();
  vi.unstubAllEnvs();
});

beforeEach(async () => {
  before = await readLetters(url);
});

async function send(letter: Letter, path = '/'): Promise<{ status: number; text: string }> {
  const answer = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(letter) });
  return { status: answer.status, text: await answer.text() };
}

/** Those that this test has sent, oldest first. */
async function readNew(): Promise<KeptLetter[]> {
  const known = new Set(before.map(({ messageId }) => messageId));
  const letters = await readLetters(url);
  return letters.filter(({ messageId }) => !known.has(messageId)).reverse();
}

async function sendOne(change: Partial<Letter>): Promise<KeptLetter> {
  expect(await send({ ...LETTER, ...change })).toEqual({ status: 200, text: 'taken' });
  const [letter, ...others] = await readNew();
  expect(others).toEqual([]);
  if (letter === undefined) throw new Error('nothing was kept');
  return letter;
}

it('a letter arrives as it was given, to its receiver alone, and says that nobody wrote it', async () => {
  const letter = await sendOne({});
  expect(letter).toMatchObject({
    from: '"Acme" <no-reply@acme.example>',
    to: ['ann@mail.example'],
    subject: LETTER.subject,
    text: LETTER.text,
    html: LETTER.html,
  });
  expect([letter.cc, letter.bcc]).toEqual([undefined, undefined]);
  expect(letter.headers).toEqual({
    'Auto-Submitted': 'auto-generated',
    'X-Rekey-Message-Id': 'msg_0001',
  });
});

it('keeps its own message id at every attempt, while the platform gives a new one', async () => {
  await send(LETTER);
  await send(LETTER);
  const letters = await readNew();
  expect(letters.map(({ headers }) => headers['X-Rekey-Message-Id'])).toEqual([
    'msg_0001',
    'msg_0001',
  ]);
  expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(2);
});

it.each<[string, Partial<Letter>]>([
  ['accents', { subject: 'Paßwort zurücksetzen: Grüße', text: 'Zürich\n', html: '<p>Zürich</p>' }],
  ['another script', { subject: 'パスワードの再設定', text: 'コード\n', html: '<p>コード</p>' }],
  ['emoji of several parts', { subject: '👩‍💻 🔑', text: '👩‍💻\n', html: '<p>👩‍💻</p>' }],
  ['a long subject', { subject: 'ä'.repeat(300) }],
  ['lines and tabs in its text', { text: 'one\r\n\r\n\ttwo\n.\nthree\r\n' }],
  ['a text that looks like a header', { text: 'Bcc: eve@evil.example\r\n\r\nhello' }],
])('with %s it arrives unharmed', async (_, change) => {
  expect(await sendOne(change)).toMatchObject(change);
});

it.each([
  ['quotes', 'Acme "the" \\ gate', '"Acme \\"the\\" \\\\ gate" <no-reply@acme.example>'],
  ['another address', 'x <eve@evil.example>,', '"x <eve@evil.example>," <no-reply@acme.example>'],
  ['accents', 'Größe', '"Größe" <no-reply@acme.example>'],
])('a sender whose name has %s has still one address', async (_, name, from) => {
  expect((await sendOne({ from: { ...LETTER.from, name } })).from).toBe(from);
});

it('what the binding refuses is thrown, and is sent to nobody', async () => {
  expect((await send({ ...LETTER, to: 'bob@mail.example' }, '/to-ann')).status).toBe(502);
  expect(await readNew()).toEqual([]);
  expect((await send(LETTER, '/to-ann')).status).toBe(200);
  expect(await readNew()).toHaveLength(1);
});

it.each<[string, Partial<Letter>]>([
  ['a second header in its subject', { subject: 'Hello\r\nBcc: eve@evil.example' }],
  ['a second receiver', { to: 'ann@mail.example,eve@evil.example' }],
  ['an address behind its address', { to: 'ann@mail.example<eve@evil.example>' }],
])('with %s it is sent to nobody', async (_, change) => {
  expect((await send({ ...LETTER, ...change })).status).toBe(502);
  expect(await readNew()).toEqual([]);
});
