// Tells Stryker which tests reach a mutant, beside its own count: what a file does before and between its tests (its hooks,
// its tenants and users) counts for its first test, unless one of its tests does it, too. Otherwise it would count as
// static, and every mutant that makes a user would be tried on every test there is.
import { afterAll, beforeEach, inject } from 'vitest';

interface Coverage {
  static: Record<string, number>;
  perTest: Record<string, Record<string, number>>;
}

interface Namespace {
  currentTestId?: string | undefined;
  mutantCoverage?: Coverage;
}

export function attributeCoverage(file: string): void {
  const name = inject('globalNamespace');
  if (name === undefined) return;
  const namespace = (globalThis as unknown as Record<string, Namespace>)[name];
  if (namespace === undefined) return;
  if (inject('mode') === 'dry-run') countOutside(namespace, file);
}

function countOutside(namespace: Namespace, file: string): void {
  const tests: string[] = [];
  let current: string | undefined;
  Object.defineProperty(namespace, 'currentTestId', {
    configurable: true,
    get: () => current ?? file,
    set: (id: string | undefined) => {
      current = id;
    },
  });
  if (namespace.mutantCoverage !== undefined) namespace.mutantCoverage.perTest = {};
  let meta: object | undefined;
  beforeEach(({ task }) => {
    if (current !== undefined) tests.push(current);
    meta = task.file.meta;
  });
  afterAll(() => {
    const { static: fixed = {}, perTest = {} } = namespace.mutantCoverage ?? {};
    const outside = perTest[file] ?? {};
    delete perTest[file];
    const [first] = tests;
    if (first !== undefined) {
      const reached = new Set(Object.values(perTest).flatMap((own) => Object.keys(own)));
      const added = Object.entries(outside).filter(([mutant]) => !reached.has(mutant));
      perTest[first] = { ...perTest[first], ...Object.fromEntries(added) };
    }
    // Stryker would hand over what the next file goes on with.
    const mutantCoverage: Coverage = { static: fixed, perTest };
    const get = () => mutantCoverage;
    const set = () => undefined;
    if (meta !== undefined)
      Object.defineProperty(meta, 'mutantCoverage', {
        configurable: true,
        enumerable: true,
        get,
        set,
      });
  });
}
