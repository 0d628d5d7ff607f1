// Ports of the core that a test does not speak of: whoever uses them fails.
import type { Ports } from '../../src/core/context.ts';
import type { ChainPace } from '../../src/core/password/pbkdf2.ts';

function refuse(): never {
  throw new Error('a port was used that should not be');
}

export const UNUSED_PORTS: Pick<
  Ports,
  'source' | 'deadline' | 'callWebhook' | 'mail' | 'readBreachRange' | 'dispatch'
> = {
  source: null,
  deadline: null,
  callWebhook: refuse,
  mail: null,
  readBreachRange: null,
  dispatch: refuse,
};

/** Hashes at once, without a rest. */
export const UNPACED: ChainPace = {
  begin: async () => {},
  end: () => {},
  onLink: () => {},
  rest: async () => {},
};
