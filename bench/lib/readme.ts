// The README's block of figures, between two comments: what results.json says, so that it never drifts from it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './bundle.ts';
import { writeGoals } from './markdown.ts';
import type { Results } from './results.ts';

const README = join(REPOSITORY, 'README.md');
const START = '<!-- Written by npm run bench, from bench/results/results.json. -->';
const END = '<!-- The end of what npm run bench wrote. -->';

/** The one plot that the README shows. */
const PLOT = '![A sign-in and a change, by what their time is spent on](bench/results/latency.svg)';

/**
 * @param results null: there are none yet
 * @throws Error when there is no such block.
 */
export function replaceBlock(readme: string, results: Results | null): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start) throw new Error('README.md has no place for the figures');
  const told = results === null ? 'Nothing was measured yet.' : `${writeGoals(results)}\n\n${PLOT}`;
  const block = `${START}\n\n${told}\n\n${END}`;
  return `${readme.slice(0, start)}${block}${readme.slice(end + END.length)}`;
}

export function updateReadme(results: Results): void {
  writeFileSync(README, replaceBlock(readFileSync(README, 'utf8'), results));
}
