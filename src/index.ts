// The Worker: env → config → store → gateway → app.fetch. What can be kept is made once per isolate.
import { answerMisconfigured, createApp } from './app.ts';
import blocklist from './blocklist.bin';
import { readBreachRange } from './breaches/range.ts';
import { type Config, ConfigError, openKeyring, parseConfig } from './config.ts';
import { type Checkpoint, createEventSeals } from './core/audit-chain.ts';
import { equalBytes, sha256, utf8 } from './core/bytes.ts';
import { createTraffic } from './core/chain-pace.ts';
import type { Ports } from './core/context.ts';
import { createGateway, type Gateway } from './core/gateway.ts';
import { createHashQueue } from './core/hash-queue.ts';
import type { Keyring } from './core/keyring.ts';
import { matchesPattern } from './core/place.ts';
import type { Meter } from './core/ports.ts';
import { createScreening } from './core/screening/screening.ts';
import { createMail } from './delivery/mail.ts';
import { callWebhook } from './delivery/webhook.ts';
import type { OpenedRequest } from './frame.ts';
import { writeLog } from './log.ts';
import { createD1Store, type Databases } from './storage/d1.ts';

type Env = Readonly<Record<string, unknown>>;
type Attempts = Awaited<ReturnType<Gateway['deliverDue']>>;

interface Rekey {
  readonly app: ReturnType<typeof createApp>;
  /** Sends every message that is due, deletes what is over, and seals the audit. */
  readonly runSchedule: (waitUntil: OpenedRequest['waitUntil']) => Promise<void>;
}

/** By the environment that it was made from: the platform gives an isolate one. */
const made = new WeakMap<Env, Rekey | ConfigError>();

export default {
  async fetch(request, env, context) {
    const rekey = made.get(env) ?? (await make(env));
    return rekey instanceof ConfigError
      ? refuseMisconfigured(rekey)
      : rekey.app.fetch(request, context);
  },
  async scheduled(_, env, context) {
    const rekey = made.get(env) ?? (await make(env));
    if (rekey instanceof ConfigError) logMisconfigured(rekey);
    else await rekey.runSchedule((work) => context.waitUntil(work));
  },
} satisfies ExportedHandler<Env>;

/** Only what is finished is shared: a request that is cut off would leave the others waiting for its promise for ever. */
async function make(env: Env): Promise<Rekey | ConfigError> {
  const rekey = await setUp(env);
  const first = made.get(env) ?? rekey;
  made.set(env, first);
  return first;
}

async function setUp(env: Env): Promise<Rekey | ConfigError> {
  try {
    const config = parseConfig(env);
    return assemble(env, config, await openKeyring(config.secrets));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function assemble(env: Env, config: Config, keyring: Keyring): Rekey {
  const seals = createEventSeals(keyring.chain);
  const screening = createScreening(new Uint8Array(blocklist));
  const hashQueue = createHashQueue(config.hashSeats, Date.now);
  const databases: Databases = new Map(
    [...config.bindings].map(([place, binding]) => [place, env[binding] as D1Database]),
  );
  const { issuer, placement, timing, mailBinding, breachRangeUrl } = config;
  const mail = mailBinding === null ? null : createMail(env[mailBinding] as SendEmail);
  const shared = { issuer, placement, keyring, screening, hashQueue, traffic: createTraffic() };
  const readRange = breachRangeUrl === null ? null : createRangeReader(breachRangeUrl);
  const openPorts = (request: OpenedRequest, meter: Meter): Ports => {
    const { activityId, dialect, findSource, deadline, waitUntil } = request;
    return {
      store: createD1Store(databases, meter, { activityId, dialect }, seals),
      meter,
      source: findSource(),
      clock: Date,
      random: { bytes: drawBytes },
      rest,
      deadline,
      callWebhook,
      mail,
      readBreachRange: readRange === null ? null : (prefix) => readRange(activityId, prefix),
      dispatch: (message) =>
        waitUntil(deliver(request, (gateway) => gateway.deliverMessage(message))),
    };
  };
  const openGateway = (request: OpenedRequest) => {
    const meter: Meter = { trips: 0, links: 0, allowance: null, tenantId: null, refusal: null };
    const open = () => openPorts(request, meter);
    return { gateway: createGateway({ meter, clock: Date }, open, shared), meter };
  };
  /** On a gateway of its own: what it costs is not the request's, and its deadline neither. */
  const deliver = async (
    request: OpenedRequest,
    send: (gateway: Gateway) => ReturnType<Gateway['deliverDue']>,
  ) => {
    const { activityId } = request;
    try {
      const attempts = await send(openGateway({ ...request, deadline: null }).gateway);
      logAttempts(activityId, attempts);
      return attempts;
    } catch (error) {
      logError(activityId, error);
      return null;
    }
  };
  return {
    app: createApp({
      issuer,
      timing,
      isOperator: (key) => isSameText(key, config.adminKey),
      admitSource: createLimiter(env, config),
      listOrigins: (host) =>
        config.origins.find(({ pattern }) => matchesPattern(pattern, host))?.origins ?? [],
      openGateway,
    }),
    runSchedule: async (waitUntil) => {
      const activityId = crypto.randomUUID();
      const run = {
        activityId,
        dialect: 'scheduled',
        findSource: () => null,
        deadline: null,
        waitUntil,
      };
      const attempts = await deliver(run, (gateway) => gateway.deliverDue());
      if (attempts !== null) logRun(run, attempts);
      const { gateway } = openGateway(run);
      await gateway.cleanUp().catch((error: unknown) => logError(activityId, error));
      await gateway
        .sealAudit((checkpoint) => logCheckpoint(run, checkpoint))
        .catch((error: unknown) => logError(activityId, error));
    },
  };
}

/** Nobody's answer is no reason to fail: it is told in the log. */
function createRangeReader(url: string) {
  return (activityId: string, prefix: string) =>
    readBreachRange(url, prefix).catch((error: unknown) => {
      logError(activityId, error);
      return null;
    });
}

/** A limiter that fails lets pass: it keeps floods away, and guards nothing by itself. */
function createLimiter(env: Env, { limiterBinding }: Config) {
  if (limiterBinding === null) return null;
  const limiter = env[limiterBinding] as RateLimit;
  return (source: string) =>
    limiter.limit({ key: source }).then(
      ({ success }) => success,
      () => true,
    );
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

/** Messages that did not arrive, by their ids. What is in them is nobody's to read here. */
function logAttempts(activityId: string, attempts: Attempts): void {
  for (const { tenantId, id, attempts: attempt, outcome } of attempts) {
    if (outcome === 'received') continue;
    const message = { tenantId, messageId: id, attempt, outcome };
    writeLog({ level: 'warn', activityId, ...message });
  }
}

/** A line a run, so that a schedule that stands still is seen. */
function logRun({ activityId, dialect }: OpenedRequest, attempts: Attempts): void {
  const sent = attempts.filter(({ outcome }) => outcome === 'received').length;
  writeLog({ level: 'info', activityId, dialect, sent, unsent: attempts.length - sent });
}

/** Kept outside, the line is a witness: the audit can be held against it. */
function logCheckpoint({ activityId, dialect }: OpenedRequest, checkpoint: Checkpoint): void {
  const { tenantId, number, root } = checkpoint;
  writeLog({ level: 'info', activityId, dialect, tenantId, checkpoint: number, root });
}

function logError(activityId: string, error: unknown): void {
  const name = error instanceof Error ? error.name : 'unknown';
  writeLog({ level: 'error', activityId, error: name });
}

function logMisconfigured({ name, message }: ConfigError): void {
  writeLog({ level: 'error', error: name, message });
}

/** Never a default key, never unsigned: without its secrets the Worker serves nothing. The log names the variable. */
function refuseMisconfigured(error: ConfigError): Response {
  logMisconfigured(error);
  return answerMisconfigured();
}
