// Tells whether a caller is known, for a request that is refused for another reason: who is asked first is who calls.
import { type Caller, openFor } from '../caller.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import type { Result } from '../result.ts';
import type { Opened } from '../store.ts';

export function authenticate(
  core: Core,
  command: { readonly caller: Caller },
): Promise<Result<Opened, Failure>> {
  return openFor(core, command.caller, {}, core.ports.clock.now());
}
