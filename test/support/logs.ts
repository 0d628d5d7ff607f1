// What the Worker would have written to its log.
import { vi } from 'vitest';

export const METHODS = ['debug', 'info', 'log', 'warn', 'error'] as const;

export interface Logs {
  /** As they were written. */
  readonly lines: readonly string[];
  /** What requests and runs said when they were over. */
  readonly infos: () => unknown[];
  /** All the others. */
  readonly troubles: () => unknown[];
  /** Gives the console back. */
  readonly stop: () => void;
}

/** Catches every line from now on. */
export function watchLogs(): Logs {
  const lines: string[] = [];
  const spies = METHODS.map((method) =>
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => {
      lines.push(values.map(String).join(' '));
    }),
  );
  const parse = () => lines.map((line) => JSON.parse(line) as { readonly level: string });
  return {
    lines,
    infos: () => parse().filter(({ level }) => level === 'info'),
    troubles: () => parse().filter(({ level }) => level !== 'info'),
    stop: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
