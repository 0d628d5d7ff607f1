// What is sealed by a pepper, table by table, and how a row of each is sealed anew under the active one.
import type { Core } from './context.ts';
import { resealMessage } from './outbox.ts';
import type { Place } from './place.ts';
import { resealText } from './seal.ts';
import type { Settings } from './tenant.ts';

/** Of the tables that hold something sealed: how the text of one row is sealed anew. */
const RESEAL = {
  credential: (core, [tenantId = '', userId = ''], sealed) =>
    core.engine.reseal(sealed, { tenantId, userId }),
  password_history: (core, [tenantId = '', userId = ''], sealed) =>
    core.engine.reseal(sealed, { tenantId, userId }),
  outbox: ({ config, ports }, [tenantId = '', userId = '', id = ''], sealed) =>
    resealMessage(config.keyring, ports.random, { tenantId, userId, id }, sealed),
  tenant: resealSettings,
} as const satisfies Record<string, Reseal>;

/**
 * The text to store: `sealed` itself when it is under no old pepper, null when it does not open. `key` is the row's.
 */
type Reseal = (core: Core, key: readonly string[], sealed: string) => Promise<string | null>;

export type SealedTable = keyof typeof RESEAL;

/** In the order in which they are gone through. */
export const SEALED_TABLES = Object.keys(RESEAL) as SealedTable[];

/** One row: by its key, in the order of which the table is gone through, and what it holds; null: nothing now. */
export interface SealedRow {
  readonly key: readonly string[];
  readonly sealed: string | null;
}

export interface ResealedRow {
  readonly key: readonly string[];
  /** As it was read: when it is another by now, whoever wrote that wins. */
  readonly sealed: string;
  readonly resealed: string;
}

/** Every method is one round trip. */
export interface RewrapStore {
  /** In the order of the key, from behind `after`. */
  listSealed(
    place: Place,
    table: SealedTable,
    after: readonly string[],
    atMost: number,
  ): Promise<readonly SealedRow[]>;
  /** Gives how many were still as they were read, and are replaced. */
  replaceSealed(place: Place, table: SealedTable, rows: readonly ResealedRow[]): Promise<number>;
}

export function reseal(
  core: Core,
  table: SealedTable,
  key: readonly string[],
  sealed: string,
): Promise<string | null> {
  return RESEAL[table](core, key, sealed);
}

/** Of a tenant's settings one text is sealed: the secret of the webhook. */
async function resealSettings(
  { config, ports }: Core,
  [tenantId = '']: readonly string[],
  text: string,
): Promise<string | null> {
  const settings = parseSettings(text);
  if (settings === null) return null;
  const { delivery } = settings;
  if (delivery?.webhook === undefined) return text;
  const { keyring } = config;
  const { sealedSecret: old } = delivery.webhook;
  const sealedSecret = await resealText(keyring, ports.random, 'webhook-secret', [tenantId], old);
  if (sealedSecret === null || sealedSecret === old) return sealedSecret && text;
  const webhook = { ...delivery.webhook, sealedSecret };
  return JSON.stringify({ ...settings, delivery: { ...delivery, webhook } });
}

/** null for what is no JSON any more: the rewrap must come to the rows behind it. */
function parseSettings(text: string): Settings | null {
  try {
    return JSON.parse(text) as Settings;
  } catch {
    return null;
  }
}
