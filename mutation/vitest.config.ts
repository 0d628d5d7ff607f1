import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { FUZZ, MODEL, makeBindings } from '../test/support/bindings.ts';
import { QuickFirst } from './order.ts';
import { keptThreads } from './pool.ts';
import { selection } from './selection.ts';

const here = (name: string) => resolve(import.meta.dirname, name);

/** Those of the core alone are quick; `near` are some of those through the Worker's door, which are all else. */
const { MUTATION_STAGE, MUTATION_TESTS } = process.env;
const CORE = {
  include: ['test/core/**/*.test.ts'],
  setupFiles: [here('activation.ts'), here('setup-core.ts')],
};
const DOOR = {
  include: MUTATION_TESTS?.split(/,(?![^{]*\})/) ?? ['test/**/*.test.ts'],
  exclude: [
    // Real servers, clients and processes.
    'test/node/**',
    'test/conformance/**',
    'test/bench/**',
    // What stands in front of the core: its tests say little of it, and cost much.
    'test/wire/**',
    'test/delivery/**',
    'test/input/**',
    'test/fuzz/**',
    'test/support/**',
    'test/{app,app-flood,app-log,cors,headers,log,security}.test.ts',
    'test/dialects/*/{body,headers,fields,routes,internal,german,json,languages,service,schema}.test.ts',
    'test/dialects/zitadel/{rpc,rest}-*.test.ts',
    'test/dialects/zitadel/grpc-web.test.ts',
    'test/dialects/common/**',
    // They need hashes that take their time.
    'test/invariants/{busy,fairness}.test.ts',
    // Sources and tables, not what runs.
    'test/attack/{source,trace,operations,browser,input}.test.ts',
    'test/storage/query-plans.test.ts',
  ],
  setupFiles: [here('activation.ts'), here('setup.ts'), 'test/support/schema.ts'],
};

export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  plugins: [
    {
      name: 'binary-modules',
      enforce: 'pre',
      load(id) {
        if (!id.endsWith('.bin')) return null;
        return `import { readFileSync } from 'node:fs';
          export default new Uint8Array(readFileSync(${JSON.stringify(id)})).buffer;`;
      },
    },
    {
      name: 'kept-threads',
      // Stryker sets the pool by itself; this comes later.
      configureVitest({ project }) {
        project.config.pool = keptThreads.name;
        project.config.poolRunner = keptThreads;
      },
    },
  ],
  resolve: {
    alias: {
      'cloudflare:workers': here('cloudflare-workers.ts'),
      'cloudflare:test': here('cloudflare-test.ts'),
    },
  },
  test: {
    ...(MUTATION_STAGE === 'core' ? CORE : DOOR),
    isolate: false,
    reporters: process.env['STRYKER_MUTATOR_WORKER'] === undefined ? ['default'] : [selection],
    sequence: { sequencer: QuickFirst },
    testTimeout: 15_000,
    provide: { model: { ...MODEL, runs: 5 }, fuzz: FUZZ, bindings: makeBindings() },
  },
});
