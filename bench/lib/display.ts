// What is seen while the benchmarks run: a line each, with the time and how far it is, and its figures at the end.
import { tellGoal, tellMeasure, tellSeconds } from './figures.ts';
import { type Findings, judge } from './result.ts';

/** Where it is shown: a terminal takes a line back, a file does not. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly write: (text: string) => unknown;
}

export interface Display {
  readonly start: (name: string) => void;
  readonly tell: (progress: string) => void;
  readonly finish: (findings: Findings) => void;
  readonly fail: (error: unknown) => void;
  readonly say: (text: string) => void;
}

const LINE_START = '\r\u001b[K';
const REFRESH_MS = 1000;
const NAME_WIDTH = 14;

/** @param now in milliseconds */
export function createDisplay(screen: Screen, now: () => number): Display {
  const isTerminal = screen.isTTY === true;
  let [name, progress, startedAt] = ['', '', 0];
  let timer: NodeJS.Timeout | undefined;
  const tellLine = (text: string) =>
    `${name.padEnd(NAME_WIDTH)} ${tellSeconds((now() - startedAt) / 1000).padStart(11)}  ${text}`;
  const refresh = () => screen.write(`${LINE_START}${tellLine(progress)}`);
  const end = (text: string) => {
    clearInterval(timer);
    screen.write(`${isTerminal ? LINE_START : ''}${tellLine(text)}\n`);
  };
  return {
    start: (started) => {
      [name, progress, startedAt] = [started, 'starts', now()];
      if (!isTerminal) return screen.write(`${tellLine(progress)}\n`);
      refresh();
      timer = setInterval(refresh, REFRESH_MS);
      timer.unref();
    },
    tell: (told) => {
      progress = told;
      if (isTerminal) refresh();
      else screen.write(`${tellLine(progress)}\n`);
    },
    finish: (findings) => {
      end('done');
      for (const text of tellFindings(findings)) screen.write(`  ${text}\n`);
    },
    fail: (error) => {
      end('FAILED');
      screen.write(`  ${tellError(error)}\n`);
    },
    say: (text) => {
      screen.write(`${text}\n`);
    },
  };
}

function tellFindings({ measures, notes }: Findings): string[] {
  const told = measures.map((measure) => {
    const goal = tellGoal(measure.goal, measure.unit);
    const verdict = judge(measure);
    const mark = verdict === 'reported' ? '' : verdict;
    return `${mark.padEnd(7)} ${tellMeasure(measure)}${goal === '' ? '' : `, goal ${goal}`}`;
  });
  return [...told, ...notes.map((note) => `        ${note}`)];
}

/** With its place, and with what caused it: a benchmark that fails is a program to mend. */
function tellError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  because of ${tellError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
