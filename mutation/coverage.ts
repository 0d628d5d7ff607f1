// Tells Stryker which tests reach a mutant, beside its own count: what a file does before and between its tests (its hooks,
// its tenants and users) counts for its first test, unless one of its tests does it, too. Otherwise it would count as
// static, and every mutant that makes a user would be tried on every test there is.
import { afterAll, beforeEach, inject } from 'vitest';

interface Namespace {
  currentTestId?: string | undefined;
  mutantCoverage?: { perTest: Record<string, Record<string, number>> };
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
  beforeEach(() => {
    if (current !== undefined) tests.push(current);
  });
  afterAll(() => {
    const perTest = namespace.mutantCoverage?.perTest ?? {};
    const outside = perTest[file] ?? {};
    delete perTest[file];
    const [first] = tests;
    if (first === undefined) return;
    const reached = new Set(Object.values(perTest).flatMap((own) => Object.keys(own)));
    perTest[first] = { ...perTest[first] };
    for (const [mutant, hits] of Object.entries(outside)) {
      if (!reached.has(mutant)) perTest[first][mutant] = hits;
    }
  });
}
