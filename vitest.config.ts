import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { FUZZ, MODEL, makeBindings } from './test/support/bindings.ts';

const PACKAGES = [
  '@bufbuild/protobuf',
  '@bufbuild/protobuf/reflect',
  '@bufbuild/protobuf/wkt',
  '@connectrpc/connect',
  '@connectrpc/connect-web',
  '@connectrpc/connect/protocol',
  '@connectrpc/connect/protocol-connect',
  '@connectrpc/connect/protocol-grpc',
  '@connectrpc/connect/protocol-grpc-web',
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
              bindings: makeBindings(),
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
