// What Stryker hands to the tests, and the configuration beside it.
import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly bindings: Record<string, string>;
    readonly globalNamespace: '__stryker__';
    readonly mode: 'dry-run' | 'mutant' | undefined;
    readonly activeMutant: string | undefined;
  }
}
