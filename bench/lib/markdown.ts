// bench/results/results.md, and the README's block: what was found, as tables.
import { tellGoal, tellSeconds, tellSpread } from './figures.ts';
import { tellPeers } from './peers-table.ts';
import { judge, type Measure } from './result.ts';
import type { Finding, Origin, Results } from './results.ts';

/** A plot beside the tables: its file, and what it shows. */
export interface Picture {
  readonly benchmark: string;
  readonly file: string;
  readonly title: string;
}

const INTRODUCTION = `Written by \`npm run bench\`; the same, for programs, is \`results.json\`. Subject and baseline run in turn, round by round;
of each measure the median of the rounds is told, and the least and the most. A goal is held against the median.`;

const HEADS = ['Measure', 'Median (min to max)', 'Goal', ''];

export function writeMarkdown(results: Results, pictures: readonly Picture[]): string {
  const parts = Object.entries(results.findings).map(([name, finding]) =>
    writeFinding(
      finding,
      pictures.filter(({ benchmark }) => benchmark === name),
    ),
  );
  return `${['# What the benchmarks found', INTRODUCTION, writeOrigin(results), ...parts].join('\n\n')}\n`;
}

/** The goals alone, for the README. */
export function writeGoals(results: Results): string {
  const measures = Object.values(results.findings).flatMap((finding) => finding.measures);
  const gates = measures.filter(({ goal }) => goal !== null);
  const missed = gates.filter((measure) => judge(measure) === 'missed').length;
  const verdict = missed === 0 ? 'all are met' : `${missed} ${missed === 1 ? 'is' : 'are'} missed`;
  const said = `Of ${gates.length} goals ${verdict}.`;
  const { machine, date, findings } = results;
  const commits = [...new Set(Object.values(findings).map(({ commit }) => commit))].join(', ');
  const where = `${tellMachine(machine)}, ${date.slice(0, 10)}, commit ${commits}.`;
  return `${said} Measured on ${where}\n\n${writeTable(HEADS, gates.map(writeRow))}`;
}

function writeFinding(finding: Finding, pictures: readonly Picture[]): string {
  const { title, measures, series, notes, seconds, commit, date } = finding;
  const peers = series['peers'] === undefined ? null : tellPeers(series['peers']);
  return [
    `## ${title}`,
    `In ${tellSeconds(seconds)}, at ${tellTime(date)}, commit ${commit}.`,
    ...(measures.length === 0 ? [] : [writeTable(HEADS, measures.map(writeRow))]),
    ...(peers === null ? [] : [writeTable(peers.heads, peers.rows)]),
    ...pictures.map((picture) => `![${picture.title}](${picture.file})`),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ].join('\n\n');
}

function writeRow(measure: Measure): string[] {
  const { name, unit, value, goal } = measure;
  const verdict = { met: 'met', missed: '**missed**', reported: '' }[judge(measure)];
  return [name, tellSpread(value, unit), tellGoal(goal, unit), verdict];
}

function writeTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function writeOrigin({ machine, versions, date, commit }: Results): string {
  const told = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- Machine: ${tellMachine(machine)}, ${machine.kernel}`,
    `- Versions: ${told.join(', ')}`,
    `- The last run: ${tellTime(date)}, commit ${commit}`,
  ].join('\n');
}

function tellMachine({ processor, cores, memory, virtual }: Origin['machine']): string {
  const kind = virtual === true ? ', virtual' : '';
  return `${processor}, ${cores} cores, ${memory} GiB${kind}`;
}

function tellTime(date: string): string {
  return `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;
}
