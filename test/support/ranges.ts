// A server of breached hashes, where the platform's fetch is: it knows the passwords that it is given, and nothing else.
import { afterEach, vi } from 'vitest';

export interface Ranges {
  /** What it was asked, each with how. */
  readonly asked: { readonly url: string; readonly init: RequestInit }[];
}

afterEach(() => {
  vi.restoreAllMocks();
});

export async function hashSha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** To the end of the test. `reply`: what it answers in place of a range. */
export async function serveRanges(
  breached: readonly string[],
  reply?: (prefix: string) => Response | Promise<Response>,
): Promise<Ranges> {
  const hashes = await Promise.all(breached.map(hashSha1));
  const asked: { url: string; init: RequestInit }[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init = {}) => {
    const url = String(input);
    asked.push({ url, init });
    const prefix = url.slice(-5).toLowerCase();
    if (reply !== undefined) return reply(prefix);
    const found = hashes.filter((hash) => hash.startsWith(prefix));
    const lines = found.map((hash) => `${hash.slice(5).toUpperCase()}:3`);
    return new Response([`${'0'.repeat(35)}:0`, ...lines].join('\r\n'));
  });
  return { asked };
}
