// Letters by e-mail, through the platform's send_email binding.
import { isPlainAddress } from '../core/email-address.ts';
import type { Mail } from '../core/ports.ts';

type Letter = Parameters<Mail>[0];

const SEND_LIMIT_MS = 10_000;

/** With these in it, one line of a header would become two, or mean another one. */
const BREAKING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

export function createMail(binding: SendEmail): Mail {
  return async (letter) => {
    refuseUnsafe(letter);
    const { from, to, subject, text, html, messageId } = letter;
    await waitFor(
      binding.send({
        from: { name: from.name, email: from.address },
        to,
        subject,
        text,
        html,
        headers: {
          // RFC 3834: an absence notice is no answer to a letter that nobody wrote.
          'Auto-Submitted': 'auto-generated',
          // Message-ID is the platform's to give, a new one at every attempt.
          'X-Rekey-Message-Id': messageId,
        },
      }),
    );
  };
}

/** Whatever the platform makes of it: nothing of a letter may become a header or an address of its own. */
function refuseUnsafe({ from, to, subject, messageId }: Letter): void {
  if (!isPlainAddress(from.address)) throw new Error('the sender has no plain address');
  if (!isPlainAddress(to)) throw new Error('the receiver has no plain address');
  if ([from.name, subject, messageId].some((text) => BREAKING.test(text))) {
    throw new Error('a header would hold a control character');
  }
}

/** The binding takes no signal: what it does after the limit is not known, and not waited for. */
async function waitFor(sent: Promise<unknown>): Promise<void> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const problem = new Error('the letter was not taken in time');
  const timer = setTimeout(() => reject(problem), SEND_LIMIT_MS);
  try {
    await Promise.race([sent, limit]);
  } finally {
    clearTimeout(timer);
  }
}
