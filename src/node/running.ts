// One instance at a time on one state: two local runtimes on the same database files lock each other out.
import { rmSync, writeFileSync } from 'node:fs';
import { isSystemError, Refusal } from './refusal.ts';
import { makeFolder, readIfThere, type State } from './state.ts';

interface Running {
  readonly pid: number;
  readonly url: string;
}

/** @throws Refusal while another instance has the state. */
export function claimState(state: State, url: string): void {
  makeFolder(state.folder);
  const own: Running = { pid: process.pid, url };
  const claim = () => writeFileSync(state.running, JSON.stringify(own), { flag: 'wx' });
  try {
    claim();
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
    refuseWhileRunning(state);
    rmSync(state.running, { force: true });
    claim();
  }
}

export function releaseState(state: State): void {
  if (readRunning(state)?.pid === process.pid) rmSync(state.running, { force: true });
}

/** The instance that runs on the state; null when there is none. */
export function findRunning(state: State): Running | null {
  const running = readRunning(state);
  return running !== null && isAlive(running.pid) ? running : null;
}

export function refuseWhileRunning(state: State): void {
  const running = findRunning(state);
  if (running === null) return;
  throw new Refusal(
    `Rekey runs on this state already: ${running.url}, process ${running.pid}. Stop it first (if that process is another program, remove ${state.running}).`,
  );
}

function readRunning(state: State): Running | null {
  try {
    const { pid, url } = JSON.parse(readIfThere(state.running) ?? 'null');
    return Number.isInteger(pid) && pid > 0 ? { pid, url } : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM';
  }
}
