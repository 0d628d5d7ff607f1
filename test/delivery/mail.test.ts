// What may become a letter and what not, before the binding sees it; and a binding that fails, or never answers.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Mail } from '../../src/core/ports.ts';
import { createMail } from '../../src/delivery/mail.ts';

type Letter = Parameters<Mail>[0];

const LETTER: Letter = {
  from: { name: 'Acme', address: 'no-reply@acme.example' },
  to: 'ann@mail.example',
  subject: 'Reset your password',
  text: 'Your code is 123456.\n',
  html: '<p>Your code is <b>123456</b>.</p>',
  messageId: 'msg_0001',
};

const TAKEN: EmailSendResult = { messageId: '<any@acme.example>' };

/** A binding that does so. What it was called with is seen at the spy. */
function makeBinding(send: () => Promise<EmailSendResult>) {
  const spy = vi.fn<(builder: EmailMessageBuilder) => Promise<EmailSendResult>>(send);
  return { spy, binding: { send: spy } as unknown as SendEmail };
}

it('the real binding takes it', async () => {
  await expect(createMail(env.EMAIL)(LETTER)).resolves.toBeUndefined();
});

it('the binding gets one receiver, both bodies, and only headers that the platform allows', async () => {
  const { spy, binding } = makeBinding(async () => TAKEN);
  await createMail(binding)(LETTER);
  expect(spy.mock.calls).toEqual([
    [
      {
        from: { name: 'Acme', email: 'no-reply@acme.example' },
        to: 'ann@mail.example',
        subject: LETTER.subject,
        text: LETTER.text,
        html: LETTER.html,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Rekey-Message-Id': 'msg_0001' },
      },
    ],
  ]);
});

const ADDRESSES = [
  'a@b',
  'ann.other+rekey@mail.example',
  "o'neil_{x}=1/2@mail-2.sub.example",
  'jürgen@bücher.example',
  '用户@例子.例え',
];

const NO_ADDRESSES = [
  '',
  'ann',
  '@mail.example',
  'ann@',
  'ann@mail@example',
  'ann @mail.example',
  ' ann@mail.example',
  'ann@mail.example ',
  'ann@mail.example\n',
  'ann@mail.example\r\nBcc: eve@evil.example',
  'ann\u0000@mail.example',
  'ann\u0085@mail.example',
  'ann\u2028@mail.example',
  'ann@mail.example,eve@evil.example',
  'ann@mail.example;eve@evil.example',
  'Ann<ann@mail.example>',
  '<ann@mail.example>',
  'ann@mail.example<eve@evil.example>',
  'ann(comment)@mail.example',
  '"ann"@mail.example',
  'ann\\@mail.example',
  'friends:ann@mail.example;',
  'ann@[127.0.0.1]',
  '.ann@mail.example',
  'ann..other@mail.example',
  'ann@mail..example',
  'ann@mail.example.',
  'ann＠mail.example',
  'ann@mail。example',
  'ann\ud800@mail.example',
];

const BREAKS = {
  CR: '\r',
  LF: '\n',
  'CR LF and a header': '\r\nBcc: eve@evil.example',
  'an empty line': '\r\n\r\n',
  NUL: '\u0000',
  ESC: '\u001b',
  DEL: '\u007f',
  NEL: '\u0085',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'half of a character': '\ud83d',
};

describe('addresses', () => {
  it.each(ADDRESSES)('%j is one, on either side', async (address) => {
    const { spy, binding } = makeBinding(async () => TAKEN);
    await createMail(binding)({ ...LETTER, to: address });
    await createMail(binding)({ ...LETTER, from: { name: 'Acme', address } });
    expect(spy.mock.calls.map(([builder]) => [builder.to, builder.from])).toEqual([
      [address, { name: 'Acme', email: LETTER.from.address }],
      [LETTER.to, { name: 'Acme', email: address }],
    ]);
  });

  it.each(NO_ADDRESSES)('%j is none, on neither side', async (address) => {
    await expectRefused({ to: address });
    await expectRefused({ from: { name: 'Acme', address } });
  });
});

describe.each(Object.entries(BREAKS))('%s', (_, broken) => {
  it.each<[string, Partial<Letter>]>([
    ['a subject', { subject: `Hello${broken}` }],
    ["a sender's name", { from: { ...LETTER.from, name: `${broken}Acme` } }],
    ['a message id', { messageId: `msg${broken}1` }],
  ])('in %s is refused', async (_where, change) => {
    await expectRefused(change);
  });
});

async function expectRefused(change: Partial<Letter>): Promise<void> {
  const { spy, binding } = makeBinding(async () => TAKEN);
  const letter = { ...LETTER, ...change };
  const error = await createMail(binding)(letter).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(spy).not.toHaveBeenCalled();
  // It may be logged.
  expect(String(error)).not.toMatch(/mail\.example|evil|123456|Hello|msg/);
}

describe('a binding', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('that fails is heard', async () => {
    const { binding } = makeBinding(() => Promise.reject(new Error('E_RATE_LIMIT_EXCEEDED')));
    await expect(createMail(binding)(LETTER)).rejects.toThrow('E_RATE_LIMIT_EXCEEDED');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that takes the letter leaves no timer behind', async () => {
    const { binding } = makeBinding(async () => TAKEN);
    await createMail(binding)(LETTER);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that never answers is given up after ten seconds, not before', async () => {
    const { binding } = makeBinding(() => new Promise(() => {}));
    const outcome = vi.fn();
    const sent = createMail(binding)(LETTER).catch(outcome);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await sent;
    expect(outcome).toHaveBeenCalledExactlyOnceWith(expect.any(Error));
  });

  it('that fails after it was given up troubles nobody', async () => {
    const { promise, reject } = Promise.withResolvers<EmailSendResult>();
    const { binding } = makeBinding(() => promise);
    const sent = expect(createMail(binding)(LETTER)).rejects.toThrow('in time');
    await vi.advanceTimersByTimeAsync(10_000);
    await sent;
    reject(new Error('too late'));
    await expect(promise).rejects.toThrow('too late');
  });
});
