// What processes cost, and what else the machine is doing: from /proc, in milliseconds of one core.
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** USER_HZ, as Linux has told it to programs on every architecture for long. */
const MILLISECONDS_PER_TICK = 10;

/** The processes below one, itself first. */
export function listTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readStat(Number(name))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** User and system time of a process and all below it. */
export function readProcessorTime(root: number): number {
  let ticks = 0;
  for (const pid of listTree(root)) ticks += readStat(pid)?.ticks ?? 0;
  return ticks * MILLISECONDS_PER_TICK;
}

/** Resident memory of one process, in megabytes. */
export function readResidentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) / 1024;
}

function readStat(pid: number): { readonly parent: number; readonly ticks: number } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name, in parentheses, may hold anything: fields are counted after it. See proc_pid_stat(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** Of the whole machine since it started: busy with anything, stolen by its host included. */
function readBusyTime(): number {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields.map(Number);
  return (user + nice + system + irq + softirq + steal) * MILLISECONDS_PER_TICK;
}

/**
 * Starts to watch; the function that it gives tells, as a share of the whole machine since then, what was done by others
 * than these processes and our own.
 */
export function watchForeignLoad(roots: readonly number[]): () => number {
  const ours = () => [process.pid, ...roots].reduce((sum, root) => sum + ownTime(root), 0);
  const startedAt = performance.now();
  const before = { busy: readBusyTime(), ours: ours() };
  return () => {
    const passed = (performance.now() - startedAt) * availableParallelism();
    const foreign = readBusyTime() - before.busy - (ours() - before.ours);
    return Math.max(0, foreign) / passed;
  };
}

/** Our own process alone: the servers below it are named by themselves. */
function ownTime(root: number): number {
  return root === process.pid
    ? (readStat(root)?.ticks ?? 0) * MILLISECONDS_PER_TICK
    : readProcessorTime(root);
}
