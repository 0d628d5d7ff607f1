// What every operation is given.

import type { Traffic } from './chain-pace.ts';
import type { HashQueue } from './hash-queue.ts';
import type { Keyring } from './keyring.ts';
import type { MessageRef } from './outbox.ts';
import type { PasswordEngine } from './password/password.ts';
import type { Placement } from './place.ts';
import type { CallWebhook, Clock, Mail, Meter, Random, ReadBreachRange } from './ports.ts';
import type { Screening } from './screening/screening.ts';
import type { Store } from './store.ts';

export interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Lets other requests of the isolate run. */
  readonly rest: () => Promise<void>;
  readonly meter: Meter;
  /** Where the request comes from, as core/throttle.ts tells sources apart; null: not known. */
  readonly source: string | null;
  readonly callWebhook: CallWebhook;
  /** null: the deployment sends no letters. */
  readonly mail: Mail | null;
  /** null: the deployment asks nobody. */
  readonly readBreachRange: ReadBreachRange | null;
  /** Has a message sent that is committed. Nobody waits for it, and it may be in vain: the scheduled run comes after. */
  readonly dispatch: (message: MessageRef) => void;
  /** When the caller stops waiting, as the clock tells time: later than that nothing is written. null: never. */
  readonly deadline: number | null;
}

/** What lasts as long as the isolate. */
export interface GatewayConfig {
  /** The `iss` of our tokens. */
  readonly issuer: string;
  readonly placement: Placement;
  readonly keyring: Keyring;
  readonly screening: Screening;
  readonly hashQueue: HashQueue;
  readonly traffic: Traffic;
}

/** What every operation is given. */
export interface Core {
  readonly ports: Ports;
  readonly config: GatewayConfig;
  readonly engine: PasswordEngine;
}
