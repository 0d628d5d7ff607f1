// The address of an instance, as an operator names it.
import { Refusal } from './refusal.ts';

/** The operator's key goes there: by TLS, or within this machine. @throws Refusal when it would go otherwise. */
export function readAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url?.protocol === 'http:' && /^(?:127\.0\.0\.1|localhost)$/.test(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !isLocal)) {
    throw new Refusal('--url must be https, or http on this machine');
  }
  return text.replace(/\/+$/, '');
}
