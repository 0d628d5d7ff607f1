// The Worker: env → config → store → gateway → app.fetch. What can be kept is made once per isolate.
import { createApp } from './app.ts';
import { type Config, ConfigError, parseConfig } from './config.ts';
import { equalBytes, sha256, utf8 } from './core/bytes.ts';
import { createGateway } from './core/gateway.ts';
import { createKeyring } from './core/keyring.ts';
import { createD1Store, type Databases } from './storage/d1.ts';

type Env = Readonly<Record<string, unknown>>;

/** By the environment that it was made from: the platform gives an isolate one. */
const apps = new WeakMap<Env, ReturnType<typeof createApp>>();

export default {
  fetch(request, env, context) {
    let app = apps.get(env);
    if (app === undefined) {
      try {
        app = assemble(env, parseConfig(env));
      } catch (error) {
        if (error instanceof ConfigError) return refuseMisconfigured(error);
        throw error;
      }
      apps.set(env, app);
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

function assemble(env: Env, config: Config): ReturnType<typeof createApp> {
  const keyring = createKeyring(config.secrets);
  const databases: Databases = new Map(
    [...config.bindings].map(([place, binding]) => [place, env[binding] as D1Database]),
  );
  const { issuer, placement, timing } = config;
  return createApp({
    issuer,
    timing,
    isOperator: (key) => isSameText(key, config.adminKey),
    openGateway: ({ deadline, ...trace }) => {
      const meter = { trips: 0, links: 0 };
      const store = createD1Store(databases, meter, trace);
      const ports = { store, meter, clock: Date, random: { bytes: drawBytes }, rest, deadline };
      return { gateway: createGateway(ports, { issuer, placement, keyring }), meter };
    },
  });
}

function drawBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A macrotask: requests that wait for the isolate get their turn. */
function rest(): Promise<void> {
  return scheduler.wait(0);
}

/** Hashed first, so that the time tells neither the length nor a common beginning. */
async function isSameText(a: string, b: string): Promise<boolean> {
  return equalBytes(await sha256(utf8(a)), await sha256(utf8(b)));
}

/** Never a default key, never unsigned: without its secrets the Worker serves nothing. The log names the variable. */
function refuseMisconfigured(error: ConfigError): Response {
  console.error(JSON.stringify({ level: 'error', error: error.name, message: error.message }));
  return Response.json(
    { type: 'about:blank', title: 'Misconfigured', status: 500 },
    {
      status: 500,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    },
  );
}
