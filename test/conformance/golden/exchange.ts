// Golden exchanges as they stand in the .http files of the dialects: what goes over the wire, and what must come back.
// README.md beside it tells the notation.
export interface Exchange {
  readonly kind: 'exchange';
  /** File and line of the request, for whoever looks for it. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** One header a line, as it is sent. */
  readonly head: string;
  readonly body: string;
  /** Sent this many times at once, again and again, until one of them is answered so. */
  readonly flood: number | null;
  readonly answer: {
    readonly status: number;
    readonly headers: readonly (readonly [name: string, value: string])[];
    /** Empty: there must be none. */
    readonly body: string;
  };
}

/** A user who is made before what follows. A member has signed in, too. */
export interface Given {
  readonly kind: 'user' | 'member';
  readonly name: string;
  readonly of: 'main' | 'other';
  /** JSON. */
  readonly fields: string;
}

/** A letter that has come: the code in it, or the subject of one without. */
export interface Letter {
  readonly kind: 'code' | 'notice';
  readonly name: string;
  readonly to: string;
}

export interface Scenario {
  readonly title: string;
  /** Where the contract says so. */
  readonly contract: string;
  readonly steps: readonly (Exchange | Given | Letter)[];
}

const REQUEST = /^(GET|POST|PUT|DELETE) (\/\S*) HTTP\/1\.1$/;
const ANSWER = /^HTTP\/1\.1 (\d{3})\b/;
const GIVEN = /^@(\w+) = (user|member)( of other)? (\{.*\})$/;
const LETTER = /^@(\w+) = (code|notice) sent to (\S+)$/;
const FLOOD = /^@flood (\d+)$/;

export function parseScenarios(file: string, text: string): readonly Scenario[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, at) => (line.startsWith('### ') ? [at] : []));
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? lines.length;
    return parseScenario(file, lines.slice(0, end), start);
  });
}

function parseScenario(file: string, lines: readonly string[], start: number): Scenario {
  const steps: Scenario['steps'][number][] = [];
  const traced = findLine(lines, start + 1, (line) => !line.startsWith('# '));
  const traces = lines.slice(start + 1, traced).map((line) => line.slice(2));
  let flood: number | null = null;
  for (let at = traced; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (REQUEST.test(line)) {
      const read = parseExchange(file, lines, at, flood);
      steps.push(read.exchange);
      at = read.end;
      flood = null;
      continue;
    }
    if (FLOOD.test(line)) flood = Number(FLOOD.exec(line)?.[1]);
    else if (line.startsWith('@')) steps.push(parseDirective(`${file}:${at + 1}`, line));
    else if (line !== '' && !line.startsWith('# ')) throw new Error(`${file}:${at + 1}: ${line}`);
    at += 1;
  }
  const title = (lines[start] ?? '').slice('### '.length);
  return { title, contract: traces.join('; '), steps };
}

function parseDirective(at: string, line: string): Given | Letter {
  const [, letter, what, to] = LETTER.exec(line) ?? [];
  if (letter !== undefined && to !== undefined) {
    return { kind: what === 'code' ? 'code' : 'notice', name: letter, to };
  }
  const [, name, kind, other, fields] = GIVEN.exec(line) ?? [];
  if (name === undefined || fields === undefined) throw new Error(`${at}: ${line}`);
  const of = other === undefined ? 'main' : 'other';
  return { kind: kind === 'member' ? 'member' : 'user', name, of, fields };
}

function parseExchange(
  file: string,
  lines: readonly string[],
  start: number,
  flood: number | null,
): { readonly exchange: Exchange; readonly end: number } {
  const [, method = '', path = ''] = REQUEST.exec(lines[start] ?? '') ?? [];
  const answerAt = findLine(lines, start + 1, (line) => ANSWER.test(line));
  const end = findLine(lines, answerAt + 1, (line) => /^[@#]/.test(line) || REQUEST.test(line));
  const request = splitMessage(lines.slice(start + 1, answerAt));
  const answer = splitMessage(lines.slice(answerAt + 1, end));
  const at = `${file}:${start + 1}`;
  const status = Number(ANSWER.exec(lines[answerAt] ?? '')?.[1]);
  if (Number.isNaN(status)) throw new Error(`${at} has no answer`);
  const headers = answer.head.map((line) => {
    const [, name, value] = /^([\w-]+): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`${at}: ${line}`);
    return [name, value] as const;
  });
  const exchange: Exchange = {
    kind: 'exchange',
    at,
    method,
    path,
    head: request.head.join('\n'),
    body: request.body,
    flood,
    answer: { status, headers, body: answer.body },
  };
  return { exchange, end };
}

/** The lines before the first empty one, and what is after it without the empty ones at its end. */
function splitMessage(lines: readonly string[]): {
  readonly head: readonly string[];
  readonly body: string;
} {
  const gap = findLine(lines, 0, (line) => line === '');
  const body = lines.slice(gap + 1).join('\n');
  return { head: lines.slice(0, gap), body: body.replace(/\n+$/, '') };
}

function findLine(lines: readonly string[], from: number, isIt: (line: string) => boolean): number {
  const found = lines.slice(from).findIndex(isIt);
  return found === -1 ? lines.length : from + found;
}
