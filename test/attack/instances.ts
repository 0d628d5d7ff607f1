// Two app instances over the same databases, as two isolates have it: keys, gateway and app are made for each.
import { env } from 'cloudflare:workers';
import type { Env } from '../support/rekey.ts';

/** The Worker keeps what it made by the environment that it made it from: another one is an instance of its own. */
export function startInstance(): Env {
  return { ...(env as unknown as Env) };
}

/** `count` calls at once, in turn at two instances. */
export function storm<T>(
  count: number,
  call: (on: Env, index: number) => Promise<T>,
): Promise<T[]> {
  const instances = [startInstance(), startInstance()];
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      call(instances[index % instances.length] ?? startInstance(), index),
    ),
  );
}
