// Spoilt requests at every door: each is answered, at once and in the dialect's own words, by no fault of ours, and
// nothing has changed unless the answer says so.
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { adminDialect } from '../../src/dialects/admin/index.ts';
import { commonDialect } from '../../src/dialects/common/index.ts';
import { zapDialect } from '../../src/dialects/zap/index.ts';
import { zitadelDialect } from '../../src/dialects/zitadel/index.ts';
import {
  expectProblemShape,
  expectVbaShape,
  expectZapShape,
  expectZitadelShape,
} from '../input/shapes.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Logs, watchLogs } from '../support/logs.ts';
import type { Answer } from '../support/rekey.ts';
import { forgetSecret, listSecrets } from '../support/secret-watch.ts';
import { callWorker } from '../support/zitadel-doors.ts';
import { allow, fuzz } from './budget.ts';
import { hostile } from './requests.ts';
import { listSamples, type Sample } from './samples.ts';

const RUNS = 1000;
/** After so many, what was spent and deleted meanwhile is made anew. */
const FRESH = 2000;
/** Of all that these tests may take. */
const SHARE = 0.6;
/** An answer of ours is a page at most; of users there are few here. */
const LARGEST_ANSWER = 128 * 1024;
const PATIENCE = 30_000;
/** A key's bucket holds a request more by then. */
const TICK = 50;

let samples: readonly Sample[];
let logs: Logs;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  cheapenHashes();
  samples = await listSamples();
  logs = watchLogs();
});

afterAll(() => {
  logs.stop();
  vi.useRealTimers();
});

it(
  'no request is too much for any door',
  async () => {
    const known = new Set(listSecrets().keys());
    let before = await readState();
    let count = 0;
    await fuzz(hostile, { runs: RUNS, share: SHARE }, async ({ at, changes }) => {
      count += 1;
      if (count % FRESH === 0) {
        samples = await listSamples();
        before = await readState();
      }
      const right = samples[at % samples.length];
      if (right === undefined) throw new Error('no samples');
      const sample = changes.reduce((spoilt, change) => change(spoilt), right);
      vi.setSystemTime(Date.now() + TICK);
      const lines = logs.lines.length;
      const answer = await settle(sample);
      const after = await readState();
      try {
        expect(logs.lines.slice(lines).join('\n')).not.toContain('"level":"error"');
        expect(answer.text.length).toBeLessThan(LARGEST_ANSWER);
        if (!saysSuccess(answer)) {
          expectRefusalShape(sample, answer);
          expect(after).toBe(before);
        }
        expect(({} as Record<string, unknown>)['x']).toBeUndefined();
      } catch (error) {
        throw new Error(`${describe(sample)}: ${answer.status} ${String(error)}`, { cause: error });
      }
      before = after;
      // What was drawn is no secret: it may be a name as well as a password.
      for (const secret of [...listSecrets().keys()]) if (!known.has(secret)) forgetSecret(secret);
    });
  },
  allow(SHARE),
);

/** Answered, or failed for not being answered. */
async function settle(sample: Sample): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer: ${describe(sample)}`)), PATIENCE);
  try {
    return await Promise.race([knock(sample), promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function knock({ method, url, headers, body }: Sample): Promise<Answer> {
  const isBare = body === null || method === 'GET' || method === 'HEAD';
  // Bytes, since text would bring a content type along.
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
  const init = { method, headers, ...(isBare ? {} : { body: new Uint8Array(bytes) }) };
  const response = await callWorker(url, init);
  const text = new TextDecoder().decode(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, text, body: readJson(text) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function describe({ name, method, url, headers, body }: Sample): string {
  const bytes = body instanceof Uint8Array ? Array.from(body.slice(0, 300)) : body;
  return `${name}: ${method} ${url} ${JSON.stringify(headers)} ${JSON.stringify(bytes)}`.slice(
    0,
    3000,
  );
}

/** gRPC-Web says it in its trailers, whatever HTTP says. */
function saysSuccess({ status, headers, text }: Answer): boolean {
  if (status < 200 || status >= 300) return false;
  const type = headers.get('content-type') ?? '';
  if (!type.startsWith('application/grpc-web')) return true;
  return readTrailers(type, text).includes('grpc-status:0');
}

function readTrailers(type: string, text: string): string {
  return type.startsWith('application/grpc-web-text') ? atob(text) : text;
}

/** 501 is what is not served, and told in the same shape. */
function expectRefusalShape({ method, url }: Sample, answer: Answer): void {
  const { pathname } = new URL(url);
  const type = answer.headers.get('content-type') ?? '';
  expect(answer.status === 501 || answer.status < 500).toBe(true);
  if (method === 'HEAD') {
    expect(answer.text).toBe('');
    return;
  }
  if (type.startsWith('application/grpc-web')) {
    expect([200, 404, 405, 415]).toContain(answer.status);
    expect(readTrailers(type, answer.text)).toMatch(/grpc-status:(?:3|4|5|6|7|8|9|10|12|16)\r\n/);
    return;
  }
  // The library of Connect says no more.
  if (answer.text === '') {
    expect([405, 415]).toContain(answer.status);
    return;
  }
  const judged = { ...answer, status: answer.status === 501 ? 400 : answer.status };
  if (pathname.startsWith('/zitadel.') && type === 'application/json') {
    expect(typeof answer.body.code).toMatch(/string|number/);
    return;
  }
  if (zitadelDialect.owns(pathname)) expectZitadelShape(judged);
  else if (zapDialect.owns(pathname)) expectZapShape(judged);
  // Their bodies tell the status once more, and 501 is no refusal to the ones who judge it.
  else if (answer.status === 501) expect(answer.body).toHaveProperty('error.status', 501);
  else if (adminDialect.owns(pathname) || commonDialect.owns(pathname)) expectProblemShape(answer);
  else expectVbaShape(answer, pathname);
}

/** What a guess leaves behind, its count and its event, is no change of anything. */
const STATE = [
  'group_concat(id || settings) FROM tenant',
  "group_concat(id || ifnull(revoked_at, '')) FROM api_key",
  "group_concat(user_id || ifnull(username, '') || ifnull(email, '') || role || updated_at) FROM account",
  'count(*) FROM login_name',
  'group_concat(version || must_change || reset_required) FROM credential',
  'count(*) || count(spent_version) FROM challenge',
  'count(*) || count(spent_version) FROM code',
  'count(*) || count(revoked_at) FROM family',
  'count(*) || count(used_at) FROM refresh_token',
  'total(sequence) FROM login_session',
  'count(*) FROM outbox',
];
const READ_STATE = `SELECT ${STATE.map((sql, at) => `(SELECT ${sql}) AS s${at}`).join(', ')}`;

async function readState(): Promise<string> {
  return JSON.stringify(await env.DB.prepare(READ_STATE).first());
}
