// Starts Rekey as `npm start` does, on a state of its own, and looks at it from outside: output, files, processes.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { findHomeLeaks } from './home-scan.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const POLL_MS = 50;
const FIRST_PORT = 12_000;
const LAST_PORT = 30_000;

export function makeHome(): string {
  return mkdtempSync(join(tmpdir(), 'rekey-home-'));
}

/**
 * One whose next is free, too: an instance takes both. Below those that the system gives to whoever connects, of which one
 * may be taken before it is used.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((done) => {
    server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
  });
  if (listens) await new Promise((done) => server.close(done));
  return listens;
}

export async function until(what: string, isSo: () => boolean, limitMs = 90_000): Promise<void> {
  for (const end = Date.now() + limitMs; !isSo(); ) {
    if (Date.now() > end) throw new Error(`not in ${limitMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm start` and `npm run fresh` run: src/node/dev.ts and src/node/fresh.ts. */
type Script = 'dev' | 'fresh';

export class Instance {
  readonly home: string;
  readonly port: number;
  readonly url: string;
  readonly grpcUrl: string;
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  #stdout = '';
  #stderr = '';
  #isOver = false;
  readonly #child: ChildProcess;

  /** By itself, or under a shell as npm runs it: then the shell gets the signals. */
  constructor(script: Script, home: string, port: number | string, under?: 'shell') {
    this.home = home;
    this.port = Number(port);
    this.url = `http://127.0.0.1:${port}`;
    this.grpcUrl = `http://127.0.0.1:${this.port + 1}`;
    const node = [process.execPath, join(REPOSITORY, 'src/node', `${script}.ts`)] as const;
    // With a command after it, no shell hands its own process over.
    const shell = ['sh', '-c', '"$0" "$1"; exit $?', ...node] as const;
    const [command, ...args] = under === 'shell' ? shell : node;
    this.#child = spawn(command, args, {
      cwd: REPOSITORY,
      env: { ...process.env, npm_lifecycle_event: 'start', REKEY_HOME: home, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid ?? -1;
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((done) => {
      this.#child.on('close', (code) => {
        this.#isOver = true;
        done({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Gives what it printed. */
  async ready(): Promise<string> {
    await until('ready', () => this.#isOver || /^Ready: .*$/m.test(this.#stdout));
    if (this.#isOver) throw new Error(`it ended: ${this.#stdout}${this.#stderr}`);
    return this.#stdout;
  }

  /** @throws when one of its secrets is in its log or its databases. */
  async stop(signal: NodeJS.Signals): Promise<Outcome> {
    this.#child.kill(signal);
    const outcome = await this.ended;
    const leaks = findHomeLeaks(this.home);
    if (leaks.length > 0) throw new Error(`secrets were written: ${leaks.join('; ')}`);
    return outcome;
  }
}

export function run(
  script: 'dev' | 'fresh',
  home: string,
  port: number | string,
): Promise<Outcome> {
  return new Instance(script, home, port).ended;
}

/** Runs the text as someone who pasted it would, in one shell. */
export function runInShell(text: string): { readonly stdout: string; readonly stderr: string } {
  const path = hasCurl() ? process.env['PATH'] : `${makeCurl()}${delimiter}${process.env['PATH']}`;
  const env = { ...process.env, PATH: path };
  const { stdout, stderr } = spawnSync('sh', ['-s'], { input: text, env, encoding: 'utf8' });
  return { stdout, stderr };
}

function hasCurl(): boolean {
  return spawnSync('curl', ['--version']).error === undefined;
}

/** A folder for PATH in which `curl` is ours. */
function makeCurl(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-curl-'));
  const command = join(folder, 'curl');
  const ours = new URL(import.meta.resolve('./curl.ts')).pathname;
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${ours}' "$@"\n`);
  chmodSync(command, 0o755);
  return folder;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** The process group that the process started, by its id: what must go when it goes. */
export function findGroup(pid: number): number {
  const leader = listProcesses().find((one) => one.parent === pid && one.group === one.pid);
  if (leader === undefined) throw new Error('it started no process group');
  return leader.group;
}

export function listGroup(group: number): number[] {
  return listProcesses()
    .filter((one) => one.group === group)
    .map(({ pid }) => pid);
}

/** Of what runs: a process that is dead but not yet buried does not count. */
function listProcesses(): Process[] {
  const table = existsSync('/proc/self/stat') ? readProc() : readPs();
  return table
    .map((line) => line.trim().split(/\s+/))
    .filter(([, state]) => !state?.startsWith('Z'))
    .map(([pid, , parent, group]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
    }));
}

function readProc(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // "pid (name) state parent group ...": the name may hold anything.
        return [`${pid} ${readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')}`];
      } catch {
        return [];
      }
    });
}

function readPs(): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,stat=,ppid=,pgid='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.trim() !== '');
}
