// Plays a sequence on a fresh pair of tenants: each request is predicted, sent, judged, and what is stored is compared.
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import type { Logs } from '../support/logs.ts';
import type { Answer } from '../support/rekey.ts';
import { findLeaks, forgetSecret, listSecrets } from '../support/secret-watch.ts';
import { databaseOf } from '../support/tenant.ts';
import { runSchedule } from '../support/webhook.ts';
import type { Call, Prediction } from './call.ts';
import { readOwn, refresh, signIn } from './call-sessions.ts';
import { crowd } from './crowd.ts';
import { dropOldGuesses, isUndecided } from './guesses.ts';
import { expectAsModelled, type Rows, readRows } from './invariants.ts';
import { type Fault, setClock, setSource, type Watched } from './real.ts';
import { resolve, resolveRival } from './resolve.ts';
import { dropWhatIsOver } from './rules.ts';
import { makePair, type Pair, renewAdmins } from './start.ts';
import type { Sequence, Step, StepKind } from './steps.ts';
import type { Tenant } from './world.ts';

/** Slow enough for a key's bucket of requests, and too fast for a wait to end unseen. */
const TICK = 50;
const HOUR = 3_600_000;
/** By then a change is not repeated any more. */
const LATE = 660_000;
const REPEATABLE: ReadonlySet<StepKind> = new Set(['by-challenge', 'by-password', 'by-code']);
const MOVES = [
  660_000,
  4_000_000,
  25 * HOUR,
  200 * HOUR,
  660_000,
  4_000_000,
  25 * HOUR,
  750 * HOUR,
];

/** Two households and two others, of which nothing is known of the last. */
const SOURCES = ['203.0.113.20', '198.51.100.4', '2001:db8:7:7::1', null];

export interface Stage {
  readonly watched: Watched;
  /** For what goes on beside a request that is held. */
  readonly beside: Watched;
  readonly logs: Logs;
}

interface Run extends Stage, Pair {
  /** What each tenant had after the last step. */
  readonly seen: Map<Tenant, string>;
  readonly history: Call[];
  requests: number;
}

/** Gives how many requests it took. */
export async function play(stage: Stage, { isApart, steps }: Sequence): Promise<number> {
  const known = new Set(listSecrets().keys());
  const lines = stage.logs.lines.length;
  const pair = await makePair(isApart);
  const run: Run = { ...stage, ...pair, seen: new Map(), history: [], requests: 0 };
  await compare(run, null);
  for (const [index, step] of steps.entries()) {
    try {
      await take(run, step);
    } catch (error) {
      throw new Error(`at step ${index}, ${step.kind}: ${readMessage(error)}`, { cause: error });
    }
  }
  await probe(run);
  const secrets = new Map([...listSecrets()].filter(([secret]) => !known.has(secret)));
  const texts = new Map([
    ['the log', stage.logs.lines.slice(lines).join('\n')],
    ['the tables', [...run.seen.values()].join('\n')],
  ]);
  expect(findLeaks(secrets, texts)).toEqual([]);
  for (const secret of secrets.keys()) forgetSecret(secret);
  return run.requests;
}

/** Whole, since the message of an assertion is cut. */
function demand<T extends string | number | boolean>(what: string, found: T, wanted: T): void {
  if (found !== wanted) throw new Error(`${what} is ${found}, and should be ${wanted}`);
}

function readMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function take(run: Run, step: Step): Promise<void> {
  if (step.kind === 'time') return moveClock(run, MOVES[step.option] ?? HOUR);
  if (step.kind === 'clean-up') return cleanUp(run);
  setSource(run.world, SOURCES[step.from] ?? null);
  if (step.kind === 'crowd') await gather(run, step);
  await renew(run);
  if (step.kind === 'replay') {
    // Most of all what was sent just now.
    const old = run.history.at(-1 - ((step.which * (1 + step.option)) % 20));
    if (old !== undefined) await send(run, old, step.fault);
    return;
  }
  for (const call of resolve(run.world, step, run.takeLetter)) {
    if (step.meanwhile === null) await send(run, call, step.fault);
    else await overtake(run, call, resolveRival(run.world, step, step.meanwhile));
    await sendAgain(run, call, step);
    run.history.push(call);
  }
}

async function sendAgain(run: Run, call: Call, { kind, again, isLate }: Step): Promise<void> {
  for (let time = 0; time < again; time += 1) await send(run, call, null);
  if (!isLate || !REPEATABLE.has(kind)) return;
  moveClock(run, LATE);
  await renew(run);
  await send(run, call, null);
}

async function gather(run: Run, { tenant: at, who }: Step): Promise<void> {
  const tenant = run.world.tenants[at];
  const person = tenant.people[who % tenant.people.length];
  if (person !== undefined) await crowd(run.world, tenant, person);
}

function moveClock({ world }: Run, by: number): void {
  world.now += by;
  setClock(world.now);
}

/** The admins' sessions are none of the steps'. */
async function renew(run: Run): Promise<void> {
  if (!(await renewAdmins(run.world))) return;
  await compare(run, null);
}

/** What is over goes: nothing of it shows, save that an old code is a guess like any other from then on. */
async function cleanUp(run: Run): Promise<void> {
  await runSchedule();
  const { now, tenants } = run.world;
  for (const { account } of tenants.flatMap(({ people }) => people)) {
    if (account !== null) dropWhatIsOver(account, now);
  }
  for (const tenant of tenants) {
    dropOldGuesses(tenant, now);
    run.takeLetter(tenant, '');
  }
  await compare(run, null);
}

/** The rival's goes through whole while the other one has decided and not yet written: then that must not be written. */
async function overtake(run: Run, call: Call, rival: Call): Promise<void> {
  const { world, watched } = run;
  await waitForGuesses(run, call);
  moveClock(run, TICK);
  const prediction = call.predict(world);
  // What is refused anyway has its own ways to be written.
  if (call.isGuarded !== true || prediction.result !== 'ok') return send(run, call, null);
  const sentAt = world.now;
  let isOvertaken = false;
  watched.arm(null, async () => {
    prediction.open?.();
    isOvertaken = rival.predict(world).result === 'ok';
    await send({ ...run, watched: run.beside }, rival, null);
  });
  const answer = await call.send(watched.on);
  watched.arm(null);
  const what = `the answer to ${call.name}, overtaken by ${rival.name},`;
  demand(what, readResult(answer), isOvertaken ? 'refused' : 'ok');
  if (!isOvertaken) {
    const { now } = world;
    // It reads the clock once, when it comes.
    world.now = sentAt;
    prediction.commit?.(answer);
    world.now = now;
  }
  await compare(run, call.tenant);
}

async function waitForGuesses(run: Run, { tenant, guess }: Call): Promise<void> {
  if (guess === null || !isUndecided(run.world, tenant, guess)) return;
  moveClock(run, HOUR);
  await renew(run);
}

async function send(run: Run, call: Call, fault: Fault | null): Promise<void> {
  const { world, watched } = run;
  const { tenant } = call;
  await waitForGuesses(run, call);
  moveClock(run, TICK);
  const prediction = call.predict(world);
  const lines = run.logs.lines.length;
  watched.arm(fault);
  const answer = await call.send(watched.on);
  const { trips, touched, hasFailed } = watched.read();
  watched.arm(null);
  run.requests += 1;
  demand('the databases', [...touched].filter((name) => name !== nameDatabase(tenant)).join(), '');
  try {
    if (hasFailed && fault !== null) settleFault(call, prediction, fault, answer);
    else {
      demand('the answer', readResult(answer), prediction.result);
      expectTrips(call, answer, trips);
      expect(run.logs.lines.slice(lines).join('\n')).not.toContain('"level":"error"');
      prediction.open?.();
      prediction.commit?.(answer);
    }
    await compare(run, tenant);
  } catch (error) {
    const met = hasFailed ? `, met by ${JSON.stringify(fault)}` : '';
    throw new Error(`${call.name}${met}, answered ${answer.status}: ${readMessage(error)}`);
  }
}

function nameDatabase({ real }: Tenant): string {
  return databaseOf(real) === env.DB ? 'DB' : 'DB_EU';
}

function readResult({ status, text }: Answer): Prediction['result'] | string {
  if (status >= 200 && status < 300) return 'ok';
  if (status === 429) return 'throttled';
  // 501: a tenant that sends nothing.
  return (status >= 400 && status < 500) || status === 501 ? 'refused' : `${status} ${text}`;
}

/** What is deleted or made whole is no password operation, and yet it takes no more. */
function expectTrips({ tenant }: Call, { headers }: Answer, trips: number): void {
  const told = /trips;desc="(\d+)"/.exec(headers.get('server-timing') ?? '')?.[1];
  const count = Number(told);
  demand('at most two trips', count <= 2, true);
  // Where letters are sent, their trips come on top.
  if (!tenant.sends) demand('the trips', trips, count);
}

/** What was done stays done, and what was not is not begun: whichever it is, the fault tells. */
function settleFault(call: Call, prediction: Prediction, fault: Fault, answer: Answer): void {
  const isDone = fault.kind === 'after-commit';
  const isCommit = fault.trip === 1 || call.isOneTrip === true;
  const isRecovered = isDone && isCommit && prediction.recovers === true;
  // What is refused by an earlier statement of the batch does not come to the broken one.
  if (answer.status === 409 && prediction.result === 'refused') return;
  const status = isRecovered ? prediction.result : 500;
  demand('the answer', answer.status === 500 ? 500 : readResult(answer), status);
  if (isDone || fault.trip === 1) prediction.open?.();
  if (isDone && isCommit) prediction.commit?.(isRecovered ? answer : null);
}

/** `acting`: whom the request was of. The other one is untouched, to the last bit; null: both may be another. */
async function compare(run: Run, acting: Tenant | null): Promise<void> {
  const { world, seen } = run;
  for (const [tenant, rows] of await readRows(world.tenants)) {
    const text = write(rows);
    if (acting !== null && tenant !== acting && text !== seen.get(tenant)) {
      demand('the other tenant', text, seen.get(tenant) ?? '');
    }
    if (tenant === acting || acting === null) expectAsModelled(world, tenant, rows);
    seen.set(tenant, text);
  }
}

function write(rows: Rows): string {
  return Object.entries(rows)
    .map(([table, list]) => `${table}: ${JSON.stringify(list)}`)
    .join('\n');
}

/** In the end everything that was ever handed out is tried, and every password. */
async function probe(run: Run): Promise<void> {
  const { world } = run;
  await renew(run);
  for (const tenant of world.tenants) {
    for (const issued of tenant.issued.slice(-8)) {
      await send(run, readOwn(tenant, issued), null);
      await send(run, refresh(tenant, 'zap', issued), null);
    }
  }
  moveClock(run, HOUR + 1000);
  for (const tenant of world.tenants) {
    for (const { userId, account, passwords } of tenant.people) {
      const present = account?.password ?? 'nobody has a password here';
      const old = passwords.filter((password) => password !== present).slice(-2);
      for (const password of [...old, present]) {
        await send(run, signIn(tenant, 'vba', userId, password), null);
      }
    }
  }
}
