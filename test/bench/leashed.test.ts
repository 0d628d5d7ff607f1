// The command: nothing of it is left when it is interrupted, not even by a kill that it cannot hear.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';

const LEASHED = resolve(import.meta.dirname, '../../bench/lib/leashed.ts');
const COMMAND = resolve(import.meta.dirname, '../../bench/bench.ts');
const BENCHMARKS = resolve(import.meta.dirname, '../../bench/benchmarks');

/** Starts a server as benchmarks do, leaves a temporary file, and says both; then it waits, or ends with 3. */
const SCRIPT = `
  import { spawn } from 'node:child_process';
  import { mkdtempSync } from 'node:fs';
  import { tmpdir } from 'node:os';
  import { join } from 'node:path';
  const forever = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';
  const server = spawn(process.execPath, ['-e', forever], { stdio: ['ignore', 'pipe', 'inherit'] });
  server.stdout.once('data', () => {
    const folder = mkdtempSync(join(tmpdir(), 'of-the-benchmark-'));
    console.log(JSON.stringify({ pids: [process.pid, server.pid], folder }));
    if (process.argv[2] === 'ends') process.exit(3);
  });
`;

interface Told {
  readonly pids: readonly number[];
  readonly folder: string;
}

async function start(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-leashed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, 'script.mjs');
  writeFileSync(script, SCRIPT);
  const code = `import { runLeashed } from ${JSON.stringify(LEASHED)};
    process.exitCode = await runLeashed(${JSON.stringify([script, ...args])});`;
  const temporary = join(folder, 'temporary');
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: mkdtempSync(temporary) },
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const told = JSON.parse(line) as Told;
  onTestFinished(() => {
    for (const pid of told.pids) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });
  return { child, ended, ...told };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await new Promise((done) => setTimeout(done, 20));
}

it('is stopped by Ctrl-C with all that it started, and its temporary files', async () => {
  const { child, ended, pids, folder } = await start();
  expect(pids.every(isAlive)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  await untilGone(pids);
  expect(existsSync(folder)).toBe(false);
});

it('ends with the one who started it, however that one ends', async () => {
  const { child, ended, pids } = await start();
  child.kill('SIGKILL');
  await ended;
  await untilGone(pids);
});

it('ends by itself with its own code, and what it forgot is ended', async () => {
  const { ended, pids, folder } = await start('ends');
  expect(await ended).toEqual([3, null]);
  await untilGone(pids);
  expect(existsSync(folder)).toBe(false);
});

it('npm run bench of an unknown name ends with 2, and lists every benchmark that there is', async () => {
  const child = spawn(process.execPath, [COMMAND, 'nonsense'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said = await text(child.stderr);
  expect(await ended).toEqual([2, null]);
  const [, names = ''] = /^There is no benchmark nonsense\. There are: (.*)\n$/.exec(said) ?? [];
  const files = readdirSync(BENCHMARKS).map((file) => file.replace('.ts', ''));
  expect(names.split(', ').toSorted()).toEqual(files.toSorted());
});
