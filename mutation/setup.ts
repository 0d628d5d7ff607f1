// Before every test file: what workerd has and Node has not, empty databases, and hashes at the price of one iteration.
import './platform.ts';
import { beforeEach, expect } from 'vitest';
import { env, renewEnv } from './cloudflare-workers.ts';
import { attributeCoverage } from './coverage.ts';
import { resetCryptography } from './cryptography.ts';

// All of it before any test: what runs now is static.
import.meta.glob('../src/index.ts', { eager: true });
import.meta.glob('../src/core/**/*.ts', { eager: true });

const file = expect.getState().testPath ?? '';
const isPure = file.includes('/test/core/');

renewEnv();
resetCryptography(isPure ? 'true' : 'cheap');
attributeCoverage(file);
if (!isPure) {
  // So fast an API key would come too often: each test begins with full buckets.
  beforeEach(async () => {
    for (const database of [env.DB, env.DB_EU]) {
      await database.prepare('UPDATE api_key SET paced_at = 0').run();
    }
  });
}
