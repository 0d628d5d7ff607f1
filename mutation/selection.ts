// Which of the tests that reach a mutant try it: the most telling ones, or all of them would be run for one that lives.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { STATIC_MUTANTS } from './pool.ts';

/** Of one mutant: a few tests of many files, and more of whichever file as far as that is not enough. */
const MOST_FILES = 20;
const FEW_OF_A_FILE = 4;
const ENOUGH_TESTS = process.env['MUTATION_STAGE'] === 'near' ? Number.POSITIVE_INFINITY : 60;

/** How often a test may come by a static mutant: a hundred times this is taken for a loop without an end. */
const ONE_TEST = 1000;

type Hits = Record<string, number>;

interface Coverage {
  readonly perTest: Record<string, Hits>;
  readonly static: Hits;
}

/** The tests of a mutant, by its number. */
type Chosen = Map<number, Set<string>>;

/** Stands where Stryker reads what the dry run has reached. */
export const selection: Reporter = {
  onTestRunEnd(modules) {
    const coverages = modules.map(readCoverage).filter((coverage) => coverage !== undefined);
    if (coverages.length === 0) return;
    const isStatic = new Set(
      coverages.flatMap((coverage) => Object.keys(coverage.static)).map(Number),
    );
    writeFileSync(STATIC_MUTANTS, JSON.stringify([...isStatic]));
    const chosen = choose(coverages);
    addStatic(chosen, isStatic);
    for (const { perTest } of coverages) {
      for (const [test, hits] of Object.entries(perTest)) {
        perTest[test] = {};
        for (const [mutant, tests] of chosen) {
          if (tests.has(test)) perTest[test][mutant] = hits[mutant] ?? ONE_TEST;
        }
      }
    }
  },
};

function readCoverage(module: TestModule): Coverage | undefined {
  const { mutantCoverage } = module.meta() as { readonly mutantCoverage?: Coverage };
  return mutantCoverage;
}

/** A test that reaches little else tells the most of what it reaches. */
function choose(coverages: readonly Coverage[]): Chosen {
  const narrowFirst = coverages
    .flatMap(({ perTest }) => Object.entries(perTest))
    .map(([test, hits]) => ({ test, mutants: Object.keys(hits).map(Number) }))
    .toSorted((one, other) => one.mutants.length - other.mutants.length);
  const chosen: Chosen = new Map();
  const files = new Map<number, Map<string, number>>();
  const take = (mayTake: (count: number, files: number, tests: number) => boolean) => {
    for (const { test, mutants } of narrowFirst) {
      const file = test.slice(0, test.indexOf('#'));
      for (const mutant of mutants) {
        const counts = files.get(mutant) ?? new Map<string, number>();
        const tests = chosen.get(mutant) ?? new Set<string>();
        const count = counts.get(file) ?? 0;
        if (tests.has(test) || !mayTake(count, counts.size, tests.size)) continue;
        files.set(mutant, counts.set(file, count + 1));
        chosen.set(mutant, tests.add(test));
      }
    }
  };
  take((ofFile, ofFiles) => ofFile < FEW_OF_A_FILE && (ofFile > 0 || ofFiles < MOST_FILES));
  take((_ofFile, _ofFiles, tests) => tests < ENOUGH_TESTS);
  return chosen;
}

/** What runs when a module is loaded runs before every test. Those of the code around it tell of it. */
function addStatic(chosen: Chosen, isStatic: ReadonlySet<number>): void {
  const dynamic = [...chosen.keys()]
    .filter((mutant) => !isStatic.has(mutant))
    .toSorted((one, other) => one - other);
  for (const mutant of isStatic) {
    const next = dynamic.findIndex((one) => one > mutant);
    const at = next === -1 ? dynamic.length : next;
    const around = [
      chosen.get(mutant),
      chosen.get(dynamic[at - 1] ?? -1),
      chosen.get(dynamic[at] ?? -1),
    ];
    chosen.set(mutant, new Set(around.flatMap((tests) => [...(tests ?? [])])));
  }
}
