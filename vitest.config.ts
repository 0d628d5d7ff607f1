import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { KEY_KINDS, rotateKeys, type SecretTexts } from './src/node/rotation.ts';
import { makeSecrets } from './src/node/secrets.ts';

const PACKAGES = [
  '@bufbuild/protobuf',
  '@bufbuild/protobuf/reflect',
  '@bufbuild/protobuf/wkt',
  '@connectrpc/connect',
  '@connectrpc/connect-web',
  '@connectrpc/connect/protocol',
  '@connectrpc/connect/protocol-connect',
  '@connectrpc/connect/protocol-grpc',
  '@hono/zod-validator',
  'hono/body-limit',
  'hono/hono-base',
  'hono/route',
  'hono/router/trie-router',
  'hono/secure-headers',
  'hono/utils/accept',
  'hono/utils/url',
  'jose',
  'jose/base64url',
  'standardwebhooks',
  'zod/mini',
];

/** As of yesterday, and as one kind of key after the other is rotated. */
const secrets = makeSecrets(Date.now() - 24 * 3_600_000);
const rotations: { kind: string; secrets: SecretTexts }[] = [];
for (const kind of KEY_KINDS) {
  const before = rotations.at(-1)?.secrets ?? { ...secrets };
  rotations.push({ kind, secrets: rotateKeys(before, kind, Date.now()) });
}

/** Of the two kinds of random tests: the same ones each time, unless one is told otherwise. */
const MODEL = {
  seed: Number(process.env['FC_SEED'] ?? 20_270_104),
  runs: Number(process.env['FC_RUNS'] ?? 30),
  /** Of one sequence, as a failure tells it. */
  path: process.env['FC_PATH'] ?? '',
};
const FUZZ = {
  seed: Number(process.env['FC_SEED'] ?? 20_270_104),
  /** 0: the fixed number of inputs. */
  minutes: Number(process.env['FUZZ_MINUTES'] ?? 0),
};

/** `core` and `node` run in Node; `worker` runs in workerd on real local D1, one database of each kind per file. */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'core',
          include: ['test/core/**/*.test.ts', 'test/bench/**/*.test.ts'],
          setupFiles: ['test/support/iteration-cap.ts'],
          // Those of the benchmarks start processes.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/node/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          provide: { fuzz: FUZZ },
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              ratelimits: {
                THREE_A_MINUTE: { namespace_id: '1', simple: { limit: 3, period: 60 } },
              },
              bindings: {
                ...secrets,
                ROTATIONS: JSON.stringify(rotations),
                ISSUER: 'http://127.0.0.1:8787',
                DATABASES: 'globex_*=DB_EU,*=DB',
                HOSTS: '*.eu.localhost=DB_EU,*=DB',
                ORGS: 'globex-*=DB_EU,*=DB',
                ORIGINS:
                  '*.eu.localhost=https://eu.example,*=https://app.example http://localhost:3000',
                BREACH_RANGE_URL: 'https://range.example/range/',
                TIMING: 'on',
                // Races are raced by more than would wait at once.
                HASH_SEATS: '400',
              },
            },
          }),
        ],
        test: {
          name: 'worker',
          include: ['test/**/*.test.ts'],
          exclude: ['test/bench/**', 'test/core/**', 'test/node/**', 'test/conformance/**'],
          setupFiles: [
            'test/support/iteration-cap.ts',
            'test/support/schema.ts',
            'test/support/secret-scan.ts',
          ],
          // Bundled once instead of file by file in every test file: halves the time of the imports.
          deps: { optimizer: { ssr: { enabled: true, include: PACKAGES } } },
          testTimeout: 120_000,
          provide: { model: MODEL, fuzz: FUZZ },
        },
      },
    ],
  },
});
