// Where the lines of an audit come from, in the order in which they are verified: a running instance, or a file.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Refusal } from './refusal.ts';

/** The operator's door of an instance. */
export interface AuditDoor {
  readonly url: string;
  readonly adminKey: string;
}

const PAGE = 200;
const ANSWER_LIMIT_MS = 30_000;

/** Each checkpoint comes after the events that it covers. Holds a page of each at a time. */
export async function* readInstance(door: AuditDoor, orgId: string): AsyncGenerator<string> {
  const events = openCursor((after) => fetchEvents(door, orgId, after), readId);
  const checkpoints = openCursor(
    (after) => fetchCheckpoints(door, orgId, after),
    (line) => (JSON.parse(line) as { number: string }).number,
  );
  for (;;) {
    // The checkpoint is looked at first: by then the events that it covers are there.
    const checkpoint = await checkpoints.peek();
    const event = await events.peek();
    if (
      checkpoint !== null &&
      (event === null || Number(readId(event)) > readThrough(checkpoint))
    ) {
      yield checkpoints.take();
    } else if (event !== null) {
      yield events.take();
    } else return;
  }
}

export async function* readFile(path: string): AsyncGenerator<string> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) if (line !== '') yield line;
}

const readId = (line: string) => (JSON.parse(line) as { id: string }).id;
const readThrough = (line: string) => Number((JSON.parse(line) as { through: string }).through);

interface Cursor {
  /** The next line; null while there is none. Asks for more at each call when there was none. */
  readonly peek: () => Promise<string | null>;
  readonly take: () => string;
}

function openCursor(
  fetchPage: (after: string) => Promise<readonly string[]>,
  cursorOf: (line: string) => string,
): Cursor {
  let waiting: string[] = [];
  let after = '0';
  return {
    peek: async () => {
      if (waiting.length === 0) waiting = [...(await fetchPage(after))];
      return waiting[0] ?? null;
    },
    take: () => {
      const line = waiting.shift() ?? '';
      after = cursorOf(line);
      return line;
    },
  };
}

async function fetchEvents(door: AuditDoor, orgId: string, after: string): Promise<string[]> {
  const answer = await ask(door, orgId, 'events', after);
  return (await answer.text()).split('\n').filter((line) => line !== '');
}

async function fetchCheckpoints(door: AuditDoor, orgId: string, after: string): Promise<string[]> {
  const answer = await ask(door, orgId, 'checkpoints', after);
  const { checkpoints } = (await answer.json()) as { checkpoints: readonly object[] };
  return checkpoints.map((checkpoint) => JSON.stringify(checkpoint));
}

async function ask(
  { url, adminKey }: AuditDoor,
  orgId: string,
  what: 'events' | 'checkpoints',
  after: string,
): Promise<Response> {
  const path = `/admin/tenants/${encodeURIComponent(orgId)}/${what}?after=${after}&limit=${PAGE}`;
  const accept = what === 'events' ? 'application/x-ndjson' : 'application/json';
  const headers = { authorization: `Bearer ${adminKey}`, accept };
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  // The operator's key goes to the address that was named, and nowhere else.
  const options = { headers, signal, redirect: 'error' } as const;
  const answer = await fetch(`${url}${path}`, options).catch(() => {
    throw new Refusal(`${url} does not answer`);
  });
  if (answer.ok) return answer;
  await answer.body?.cancel();
  if (answer.status === 401) throw new Refusal(`${url} does not take the ADMIN_KEY`);
  if (answer.status === 404) throw new Refusal(`${url} knows no tenant ${orgId}`);
  throw new Refusal(`${url} answered ${answer.status}`);
}
