// What the Worker would have written to its log.
import { vi } from 'vitest';

const METHODS = ['debug', 'info', 'log', 'warn', 'error'] as const;

/** Catches every line from now on; `stop` gives the console back. */
export function watchLogs(): { readonly lines: readonly string[]; readonly stop: () => void } {
  const lines: string[] = [];
  const spies = METHODS.map((method) =>
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => {
      lines.push(values.map(String).join(' '));
    }),
  );
  return {
    lines,
    stop: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
