// What the Worker under test is bound to, beside its databases, and what the random tests are told.
import { KEY_KINDS, rotateKeys, type SecretTexts } from '../../src/node/rotation.ts';
import { makeSecrets } from '../../src/node/secrets.ts';

/** New secrets at each call: as of yesterday, and as one kind of key after the other is rotated. */
export function makeBindings(): Record<string, string> {
  const secrets = makeSecrets(Date.now() - 24 * 3_600_000);
  const rotations: { kind: string; secrets: SecretTexts }[] = [];
  for (const kind of KEY_KINDS) {
    const before = rotations.at(-1)?.secrets ?? { ...secrets };
    rotations.push({ kind, secrets: rotateKeys(before, kind, Date.now()) });
  }
  return {
    ...secrets,
    ROTATIONS: JSON.stringify(rotations),
    ISSUER: 'http://127.0.0.1:8787',
    DATABASES: 'globex_*=DB_EU,*=DB',
    HOSTS: '*.eu.localhost=DB_EU,*=DB',
    ORGS: 'globex-*=DB_EU,*=DB',
    ORIGINS: '*.eu.localhost=https://eu.example,*=https://app.example http://localhost:3000',
    BREACH_RANGE_URL: 'https://range.example/range/',
    TIMING: 'on',
    // Races are raced by more than would wait at once.
    HASH_SEATS: '400',
  };
}

/** Of the two kinds of random tests: the same ones each time, unless one is told otherwise. */
export const MODEL = {
  seed: Number(process.env['FC_SEED'] ?? 20_270_104),
  runs: Number(process.env['FC_RUNS'] ?? 30),
  /** Of one sequence, as a failure tells it. */
  path: process.env['FC_PATH'] ?? '',
};
export const FUZZ = {
  seed: Number(process.env['FC_SEED'] ?? 20_270_104),
  /** 0: the fixed number of inputs. */
  minutes: Number(process.env['FUZZ_MINUTES'] ?? 0),
};
