// What is kept of each run: only what ran is replaced, and machines are not mixed.
import { describe, expect, it } from 'vitest';
import { readCommit, readMachine, readVersions } from '../../bench/lib/machine.ts';
import { judge } from '../../bench/lib/result.ts';
import { addFinding } from '../../bench/lib/results.ts';
import { MET, MISSED, makeFinding, makeNew, makeResults, ORIGIN, REPORTED } from './fixtures.ts';

const NAMES = ['overhead', 'saturation', 'rows'];
const LATER = { ...ORIGIN, commit: 'ba9876543210', date: '2026-12-01T00:00:00.000Z' };

describe('a finding that is added', () => {
  it('begins the results, and says its commit and date', () => {
    const { title, seconds, measures, series, notes } = makeNew();
    const { commit, date } = ORIGIN;
    expect(addFinding(null, ORIGIN, NAMES, ['overhead', makeNew()])).toEqual({
      ...ORIGIN,
      findings: { overhead: { title, seconds, measures, series, notes, commit, date } },
    });
  });

  it('replaces its own part alone; the others keep their commit and date', () => {
    const before = makeResults({ overhead: makeFinding(), saturation: makeFinding() });
    const after = addFinding(before, LATER, NAMES, ['overhead', makeNew({ seconds: 1 })]);
    expect(after.findings['saturation']).toEqual(before.findings['saturation']);
    expect(after.findings['overhead']).toMatchObject({ seconds: 1, commit: LATER.commit });
    expect(after).toMatchObject({ commit: LATER.commit, date: LATER.date });
  });

  it('stands where its benchmark does, whenever it ran', () => {
    const before = makeResults({ rows: makeFinding(), overhead: makeFinding() });
    const after = addFinding(before, ORIGIN, NAMES, ['saturation', makeNew()]);
    expect(Object.keys(after.findings)).toEqual(NAMES);
  });

  it('takes along nothing of a benchmark that is no more', () => {
    const before = makeResults({ gone: makeFinding() });
    const after = addFinding(before, ORIGIN, NAMES, ['rows', makeNew()]);
    expect(Object.keys(after.findings)).toEqual(['rows']);
  });

  it('takes along nothing from another machine', () => {
    const other = { ...ORIGIN, machine: { ...ORIGIN.machine, cores: 64 } };
    const before = makeResults({ overhead: makeFinding() });
    const after = addFinding(before, other, NAMES, ['rows', makeNew()]);
    expect(Object.keys(after.findings)).toEqual(['rows']);
    expect(after.machine.cores).toBe(64);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is refused with the figure %d', (figure) => {
    const measures = [{ ...MET, value: { ...MET.value, max: figure } }];
    expect(() => addFinding(null, ORIGIN, NAMES, ['rows', makeNew({ measures })])).toThrow('rows');
    const series = { points: [{ name: 'a', value: figure }] };
    expect(() => addFinding(null, ORIGIN, NAMES, ['rows', makeNew({ series })])).toThrow('rows');
  });
});

describe('the verdict', () => {
  it('goes by the median', () => {
    expect([MET, MISSED, REPORTED].map(judge)).toEqual(['met', 'missed', 'reported']);
  });

  it.each(['at-most', 'at-least'] as const)('is met at the very goal: %s', (bound) => {
    const value = { min: 0, median: 0.5, max: 1 };
    expect(judge({ ...MET, value, goal: { bound, value: 0.5 } })).toBe('met');
  });
});

describe('the origin', () => {
  it('is this machine, told without its name', () => {
    const machine = readMachine();
    expect(machine.processor).not.toBe('');
    expect(machine.cores).toBeGreaterThanOrEqual(1);
    expect(machine.memory).toBeGreaterThanOrEqual(1);
    expect(Object.keys(machine)).toEqual(['processor', 'cores', 'memory', 'kernel', 'virtual']);
  });

  it('is the versions that are installed', () => {
    const versions = readVersions();
    expect(versions['node']).toBe(process.versions.node);
    expect(versions).toMatchObject({
      workerd: expect.stringMatching(/^1\.\d+\.\d+$/),
      wrangler: expect.stringMatching(/^4\./),
      hono: expect.stringMatching(/^4\./),
    });
  });

  it('is a commit, and whether more than that was measured', () => {
    expect(readCommit()).toMatch(/^(?:[\da-f]{12,40}(?: \(dirty\))?|unknown)$/);
  });
});
