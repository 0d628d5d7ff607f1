// The path of a request as it was sent: what is decoded could be markup, and is no URI.
import { hasCleanEscapes } from './body.ts';

/** Of these no spelling is another path's: nothing is encoded, and no segment leads elsewhere. */
const PLAIN = /^(?:\/[\w~-]+)+\/?$/;

/** `path`: of the same request, decoded. */
export function readSentPath({
  path,
  url,
}: {
  readonly path: string;
  readonly url: string;
}): string {
  // Parsing a URL would be a twentieth of a refusal.
  return PLAIN.test(path) && !url.includes('%') ? path : new URL(url).pathname;
}

/** Whether every escape is one of UTF-8 text: what is none would stand for itself, and one user have two paths. */
export function hasCleanPath(url: string): boolean {
  return !url.includes('%') || hasCleanEscapes(new URL(url).pathname);
}
