// One request of the model: how it is sent, and what the world says that must come of it.
import type { Answer, Env } from '../support/rekey.ts';
import { isBlocked, isFlooded, reserve, takeFromFlood } from './guesses.ts';
import type { Tenant, World } from './world.ts';

export interface Prediction {
  readonly result: 'ok' | 'refused' | 'throttled';
  /** What the first trip does, whatever becomes of the second. */
  readonly open?: () => void;
  /** What the second does. The answer is null when it was lost. */
  readonly commit?: (answer: Answer | null) => void;
  /** Whether the request is answered all the same when the answer of the trip that writes was lost. */
  readonly recovers?: boolean;
}

export interface Call {
  /** For who reads of a failure; no secrets, which are of no use there. */
  readonly name: string;
  readonly tenant: Tenant;
  /** Under which name a guess is counted: null, it is none. */
  readonly guess: string | null;
  /** Changes, checks or resets a password: at most two trips. */
  readonly send: (on: Env) => Promise<Answer>;
  /** Of the world as it is when it is sent, first or once more. */
  readonly predict: (world: World) => Prediction;
  /** What it decided is not written when the user was changed meanwhile. */
  readonly isGuarded?: boolean;
  /** Everything happens in the first trip. */
  readonly isOneTrip?: boolean;
}

export const REFUSED: Prediction = { result: 'refused' };

/** A guess, which is reserved before it is looked at; of strangers without a key there may be only so many. */
export function whenLetIn(
  call: { readonly tenant: Tenant; readonly guess: string; readonly isKeyless?: boolean },
  world: World,
  judge: () => Prediction,
): Prediction {
  const { tenant, guess, isKeyless = false } = call;
  if (isKeyless && isFlooded(world, tenant, guess)) return { result: 'throttled' };
  const take = () => (isKeyless ? takeFromFlood(world, tenant, guess) : undefined);
  if (isBlocked(world, tenant, guess)) return { result: 'throttled', open: take };
  const judged = judge();
  return {
    ...judged,
    open: () => {
      take();
      reserve(world, tenant, guess);
      judged.open?.();
    },
  };
}
