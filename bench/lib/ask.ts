// One call by itself, with the whole of its answer: what is prepared and counted rather than measured.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Call } from './load.ts';

export interface Told {
  readonly status: number;
  readonly body: string;
  /** To D1, as Server-Timing tells with TIMING=on; null when it is not told. */
  readonly trips: number | null;
}

export function ask(url: string, { method, path, headers, body }: Call): Promise<Told> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const fields = { 'user-agent': 'rekey-bench', ...headers };
    const sent = request({ hostname, port, path, method, headers: fields });
    sent.once('error', reject);
    sent.once('response', (answer) => {
      const status = answer.statusCode ?? 0;
      const trips = readTrips(answer.headers['server-timing']);
      text(answer).then((told) => resolve({ status, body: told, trips }), reject);
    });
    sent.end(body);
  });
}

/** @throws Error with the answer when it has another status. */
export async function askFor(status: number, url: string, call: Call): Promise<Told> {
  const told = await ask(url, call);
  if (told.status === status) return told;
  const answer = told.body.slice(0, 300);
  throw new Error(`${call.path}: expected ${status}, was answered ${told.status}: ${answer}`);
}

export function readTrips(timing: string | string[] | undefined): number | null {
  const told = /(?:^|[ ,])trips;desc="(\d+)"/.exec(String(timing ?? ''))?.[1];
  return told === undefined ? null : Number(told);
}
