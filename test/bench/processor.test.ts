// What /proc tells of processes, on our own and on children that were started for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  listTree,
  readProcessorTime,
  readResidentMegabytes,
  watchForeignLoad,
} from '../../bench/lib/processor.ts';

const BUSY_MS = 300;
/** Of the ticks that the kernel counts in, at the beginning and at the end. */
const TICKS_MS = 30;

/** Keeps this process busy for so long, by its own clock of processor time. */
function burn(milliseconds: number): number {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= milliseconds * 1000) return (user + system) / 1000;
  }
}

/** A program that says so once it runs. */
async function startChild(code: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', `console.log('up');${code}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('no child');
  return child.pid;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  it('processor time is what the process took', () => {
    const before = readProcessorTime(process.pid);
    const burnt = burn(BUSY_MS);
    const told = readProcessorTime(process.pid) - before;
    expect(told).toBeGreaterThanOrEqual(burnt - TICKS_MS);
  });

  it('processor time is also that of the processes below', async () => {
    const pid = await startChild('for (;;);');
    const before = readProcessorTime(process.pid);
    const ofChild = readProcessorTime(pid);
    await until(() => readProcessorTime(pid) - ofChild >= BUSY_MS);
    expect(readProcessorTime(process.pid) - before).toBeGreaterThanOrEqual(BUSY_MS);
  });

  it('a tree begins with its root and has every generation', async () => {
    const sleeper = `['-e', 'setInterval(() => {}, 1000)']`;
    const pid = await startChild(
      `require('node:child_process').spawn(process.execPath, ${sleeper});setInterval(() => {}, 1000)`,
    );
    await until(() => listTree(pid).length === 2);
    const tree = listTree(process.pid);
    expect(tree[0]).toBe(process.pid);
    const below = listTree(pid);
    expect(tree).toEqual(expect.arrayContaining(below));
    process.kill(below[1] ?? Number.NaN, 'SIGKILL');
  });

  it('resident memory grows with what is held', () => {
    const before = readResidentMegabytes(process.pid);
    const held = Buffer.alloc(64 * 2 ** 20, 1);
    expect(readResidentMegabytes(process.pid) - before).toBeGreaterThan(40);
    expect(held).toHaveLength(64 * 2 ** 20);
  });

  it('foreign load is the share of others, and not what is ours or is named as ours', async () => {
    const pid = await startChild('for (;;);');
    const ofChild = readProcessorTime(pid);
    const [withChild, withoutChild] = [watchForeignLoad([pid]), watchForeignLoad([])];
    const startedAt = performance.now();
    await until(() => readProcessorTime(pid) - ofChild >= BUSY_MS);
    const told = { foreign: withoutChild(), rest: withChild() };
    const share = BUSY_MS / (performance.now() - startedAt) / availableParallelism();
    // Whatever else runs beside this test is foreign to both.
    expect(told.foreign - told.rest).toBeGreaterThan(share * 0.5);
    expect(told.foreign).toBeLessThan(1.2);
  });
});
