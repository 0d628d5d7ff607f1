// What stops a command, said in one line to whoever typed it.

export class Refusal extends Error {}

/** A line for what a user can mend, a stack for a bug. */
export function reportError(error: unknown): void {
  console.error(error instanceof Refusal || isSystemError(error) ? error.message : error);
}

/** An error of the file system or the network: its message names what and where. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
