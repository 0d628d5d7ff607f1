// Stands for `cloudflare:workers`: the bindings of vitest.config.ts, made in this process.
import { inject } from 'vitest';
import { openDatabase } from './d1.ts';

/** Of the binding that bounds what one source may ask for. */
const LIMIT = 3;

/** Another one for each file, so that the Worker makes anew what it makes of it. */
export let env = makeEnv();

export function renewEnv(): void {
  env.DB.close();
  env.DB_EU.close();
  env = makeEnv();
}

function makeEnv() {
  const counts = new Map<string, number>();
  const limit = async ({ key }: { readonly key: string }) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return { success: count <= LIMIT };
  };
  return {
    ...inject('bindings'),
    DB: openDatabase(),
    DB_EU: openDatabase(),
    EMAIL: { send: async () => ({ messageId: crypto.randomUUID() }) },
    THREE_A_MINUTE: { limit },
  };
}
