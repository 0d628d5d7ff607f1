// Where the figures come from: the machine, the versions and the commit. Nothing that names a host or a folder.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './bundle.ts';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Whole GiB. */
  readonly memory: number;
  readonly kernel: string;
  /** null: it cannot be told. */
  readonly virtual: boolean | null;
}

const GIBIBYTE = 2 ** 30;

/** Those that the figures depend on. */
const PACKAGES = ['workerd', 'miniflare', 'wrangler', 'hono', 'jose'] as const;

/** What the benchmarks write themselves makes no other program of it. */
const WRITTEN = [':!bench/results', ':!README.md'];

export function readMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: Math.round(totalmem() / GIBIBYTE),
    // Without what its builder called it.
    kernel: `${type()} ${release().split('-', 1).join()}`,
    virtual: readVirtual(),
  };
}

/** Hypervisors of x86 tell it as a flag of the processor. */
function readVirtual(): boolean | null {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return flags?.split(' ').includes('hypervisor') ?? null;
  } catch {
    return null;
  }
}

export function readVersions(): Readonly<Record<string, string>> {
  const versions = PACKAGES.map((name) => {
    const path = join(REPOSITORY, 'node_modules', name, 'package.json');
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    return [name, version] as const;
  });
  return { node: process.versions.node, ...Object.fromEntries(versions) };
}

/** With `dirty` when the tree is; `unknown` where there is no git. */
export function readCommit(): string {
  try {
    const commit = runGit(['rev-parse', '--short=12', 'HEAD']).trim();
    const changes = runGit(['status', '--porcelain', '--', '.', ...WRITTEN]);
    return changes === '' ? commit : `${commit} (dirty)`;
  } catch {
    return 'unknown';
  }
}

function runGit(args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: REPOSITORY,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
