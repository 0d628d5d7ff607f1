// Stands for `cloudflare:test`: what the platform hands to a Worker beside its bindings.
const left = new WeakMap<object, Promise<unknown>[]>();

export function createExecutionContext(): object {
  const work: Promise<unknown>[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => work.push(promise),
    passThroughOnException: () => undefined,
  };
  left.set(context, work);
  return context;
}

/** What is left when what was left is done counts, too. */
export async function waitOnExecutionContext(context: object): Promise<void> {
  const work = left.get(context) ?? [];
  for (let one = work.shift(); one !== undefined; one = work.shift()) await one;
}

export function createScheduledController(): object {
  return { scheduledTime: Date.now(), cron: '* * * * *', noRetry: () => undefined };
}
