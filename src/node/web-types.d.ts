// The Worker's config names a type of the web platform that Node's declarations have only as a value.
import type { webcrypto } from 'node:crypto';

declare global {
  type CryptoKey = webcrypto.CryptoKey;
}
