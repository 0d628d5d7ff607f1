// Hashes at the price of one iteration, for tests of very many requests.
import { env } from 'cloudflare:workers';
import { beforeEach } from 'vitest';

/**
 * What is hashed stays as different as it was; what a hash costs is proved elsewhere. So fast an API key would come too
 * often: each test begins with full buckets.
 */
export function cheapenHashes(): void {
  beforeEach(async () => {
    const refill = 'UPDATE api_key SET paced_at = 0';
    await Promise.all([env.DB, env.DB_EU].map((database) => database.prepare(refill).run()));
  });
  const { subtle } = crypto;
  const deriveBits = subtle.deriveBits.bind(subtle);
  Object.defineProperty(subtle, 'deriveBits', {
    configurable: true,
    value: (algorithm: SubtleCryptoDeriveKeyAlgorithm, ...rest: [CryptoKey, number]) =>
      deriveBits({ ...algorithm, iterations: 1 }, ...rest),
  });
}
