// A thread that is kept from one mutant to the next, so that the modules are loaded once and not once a mutant. What runs
// when a module is loaded needs a new one: the dry run, and mutants that are static.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type PoolOptions,
  type PoolRunnerInitializer,
  type PoolWorker,
  ThreadsPoolWorker,
  type WorkerRequest,
} from 'vitest/node';

/** Their numbers, as the dry run found them. */
export const STATIC_MUTANTS = resolve('static-mutants.json');

type Listener = (message: unknown) => void;

export const keptThreads: PoolRunnerInitializer = {
  name: 'kept',
  createPoolWorker: (options) => {
    const { mode, activeMutant } = options.project.getProvidedContext();
    const isKept = mode === 'mutant' && !isStatic(Number(activeMutant));
    return isKept ? new KeptWorker(options) : new NewWorker(options);
  },
};

let statics: ReadonlySet<number> | null = null;

function isStatic(mutant: number): boolean {
  statics ??= new Set(JSON.parse(readFileSync(STATIC_MUTANTS, 'utf8')) as number[]);
  return statics.has(mutant);
}

let kept: PoolWorker | null = null;

/** By its name the files of one run find that they may share it. */
class NewWorker extends ThreadsPoolWorker {
  override readonly name = 'kept';
}

/** Does not stop its thread when it is told to, but waits until that has nothing to do. */
class KeptWorker implements PoolWorker {
  readonly name = 'kept';
  readonly #thread: PoolWorker;
  readonly #isNew: boolean;
  readonly #listeners: [event: string, listener: Listener][] = [];
  #over: Promise<void> = Promise.resolve();
  #isEnded = false;

  constructor(options: PoolOptions) {
    this.#isNew = kept === null;
    kept ??= new ThreadsPoolWorker(options);
    this.#thread = kept;
  }

  async start(): Promise<void> {
    if (this.#isNew) await this.#thread.start();
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener]);
    this.#thread.on(event, listener);
  }

  off(event: string, listener: Listener): void {
    this.#thread.off(event, listener);
  }

  send(message: WorkerRequest): void {
    if (message.type === 'stop') {
      this.#over.then(() => this.#tellStopped());
      return;
    }
    if (message.type === 'run') this.#over = this.#waitUntilFinished();
    this.#thread.send(message);
  }

  async stop(): Promise<void> {
    for (const [event, listener] of this.#listeners) this.#thread.off(event, listener);
    if (this.#isEnded) return;
    kept = null;
    await this.#thread.stop();
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  #waitUntilFinished(): Promise<void> {
    return new Promise((resolve) => {
      const listen = (message: { readonly type?: string } | undefined) => {
        if (message?.type !== 'testfileFinished') return;
        this.#thread.off('message', listen);
        resolve();
      };
      this.#thread.on('message', listen);
    });
  }

  #tellStopped(): void {
    this.#isEnded = true;
    const stopped = { type: 'stopped', __vitest_worker_response__: true };
    for (const [event, listener] of this.#listeners) if (event === 'message') listener(stopped);
  }
}
