// What benchmarks might have found.
import type { Findings, Measure } from '../../bench/lib/result.ts';
import type { Finding, NewFinding, Origin, Results } from '../../bench/lib/results.ts';

export const ORIGIN: Origin = {
  machine: {
    processor: 'Some Processor',
    cores: 2,
    memory: 24,
    kernel: 'Linux 6.1',
    virtual: true,
  },
  commit: '0123456789ab',
  versions: { node: '24.0.0', workerd: '1.2.3' },
  date: '2026-11-22T12:34:56.000Z',
};

export const MET: Measure = {
  name: 'sign-in over the raw hash, p50',
  unit: 'share',
  value: { min: 0.021, median: 0.03, max: 0.0424 },
  goal: { bound: 'at-most', value: 0.05 },
};

export const MISSED: Measure = {
  name: 'sign-ins a second, of raw hashes',
  unit: 'ratio',
  value: { min: 0.8, median: 0.9, max: 0.95 },
  goal: { bound: 'at-least', value: 0.93 },
};

export const REPORTED: Measure = {
  name: 'sign-in, p50',
  unit: 'ms',
  value: { min: 68.41, median: 70.02, max: 71.99 },
  goal: null,
};

const STACK = [
  { name: 'signIn', hash: 68.4, d1: 1.51, rest: 0.6 },
  { name: 'change', hash: 136.8, d1: 1.52, rest: 1.2 },
];

export function makeFindings(changes: Partial<Findings> = {}): Findings {
  return { measures: [MET, REPORTED], series: {}, notes: [], ...changes };
}

export function makeNew(changes: Partial<NewFinding> = {}): NewFinding {
  return { title: 'Overhead', seconds: 61.2, ...makeFindings(), ...changes };
}

export function makeFinding(changes: Partial<Finding> = {}): Finding {
  return { ...makeNew(), commit: ORIGIN.commit, date: ORIGIN.date, ...changes };
}

export function makeResults(findings: Results['findings'] = {}): Results {
  return { ...ORIGIN, findings };
}

export const RESULTS = makeResults({
  overhead: makeFinding({ series: { stack: STACK }, notes: ['1 of 7 rounds was spoiled'] }),
  saturation: makeFinding({ title: 'Saturation', measures: [MISSED] }),
});
