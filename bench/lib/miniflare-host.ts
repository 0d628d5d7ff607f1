// A process of its own for miniflare, so that what it costs is the server's and not the client's. Takes its options as
// JSON in its argument, says its address on standard output, and ends when standard input does.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { splitStatements } from '../../test/support/statements.ts';

export interface HostOptions {
  readonly modules: readonly {
    readonly type: 'ESModule' | 'Data';
    readonly name: string;
    readonly path: string;
  }[];
  readonly bindings: Readonly<Record<string, string>>;
  readonly databases: Readonly<Record<string, string>>;
  /** A folder of its own for the databases. */
  readonly folder: string;
  readonly compatibilityDate: string;
  readonly schema: string;
  /** Whether the inspector of V8 is to be had. */
  readonly isInspected: boolean;
}

const options = JSON.parse(process.argv[2] ?? '{}') as HostOptions;
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    resourcePersistencePath: options.folder,
    modulesRoot: '/',
    // The path of a module says what it is imported as.
    modules: options.modules.map(({ type, name, path }) => ({
      type,
      path: `/${name}`,
      contents: new Uint8Array(readFileSync(path)),
    })),
    compatibilityDate: options.compatibilityDate,
    bindings: { ...options.bindings },
    d1Databases: { ...options.databases },
    // Not by miniflare's own Worker in front of ours, which a deployment has not.
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    ...(options.isInspected ? { inspectorPort: 0 } : {}),
  }),
);
await miniflare.ready;
const url = await miniflare.unsafeGetDirectURL();
for (const name of Object.keys(options.databases)) {
  const database = await miniflare.getD1Database(name);
  const statements = splitStatements(options.schema);
  await database.batch(statements.map((statement) => database.prepare(statement)));
}
const inspector = options.isInspected ? (await miniflare.getInspectorURL()).host : null;
console.log(JSON.stringify({ url: url.origin, inspector }));
await text(process.stdin);
await miniflare.dispose();
