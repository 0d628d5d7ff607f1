// What the configuration of vitest hands to the tests that run in workerd, where there is no process.
import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly model: { readonly seed: number; readonly runs: number; readonly path: string };
    readonly fuzz: { readonly seed: number; readonly minutes: number };
  }
}
