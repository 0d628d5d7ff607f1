// Rows that are over, one of each kind that the clean-up deletes.

const DAY = 24 * 3_600_000;
/** What the clock shows while a test holds it. */
export const NOW = Date.UTC(2030, 0, 15, 12);

export interface Kind {
  readonly name: string;
  readonly table: string;
  /** How long it is kept after its end. */
  readonly kept: number;
  /** One that ended at ?4, of tenant ?1 and user ?2, with a key of its own ?3. */
  readonly insert: string;
}

export const KINDS: readonly Kind[] = [
  {
    name: 'a challenge that has expired',
    table: 'challenge',
    kept: 0,
    insert: 'INSERT INTO challenge VALUES (?3, ?1, ?2, 1, ?4, 0, NULL)',
  },
  {
    name: 'a challenge that was spent, and has expired since',
    table: 'challenge',
    kept: 0,
    insert: 'INSERT INTO challenge VALUES (?3, ?1, ?2, 1, ?4, 0, 2)',
  },
  {
    name: 'a code that has expired',
    table: 'code',
    kept: DAY,
    insert: `INSERT INTO code VALUES (?1, ?2, 'reset', ?3, 1, ?4, 0, NULL)`,
  },
  {
    name: 'a code that was spent, and has expired since',
    table: 'code',
    kept: DAY,
    insert: `INSERT INTO code VALUES (?1, ?2, 'secure-otp', ?3, 1, ?4, 0, 2)`,
  },
  {
    name: 'a family that has expired',
    table: 'family',
    kept: DAY,
    insert: 'INSERT INTO family VALUES (?1, ?3, ?2, 1, 1, ?4, NULL)',
  },
  {
    name: 'a family that was revoked, long before it expires',
    table: 'family',
    kept: DAY,
    insert: `INSERT INTO family VALUES (?1, ?3, ?2, 1, 1, ${NOW + 90 * DAY}, ?4)`,
  },
  {
    name: 'a login session that has expired',
    table: 'login_session',
    kept: DAY,
    insert: `INSERT INTO login_session VALUES (?1, ?3, ?2, 'subject', 'hash', 1, 1, 1, ?4, 1, NULL, NULL, '{}')`,
  },
  {
    name: 'a message that was delivered',
    table: 'outbox',
    kept: DAY,
    insert: `INSERT INTO outbox VALUES (?1, ?2, ?3, 'password.changed', NULL, NULL, NULL, 1, ${NOW + 90 * DAY}, 1, NULL, ?4, NULL)`,
  },
  {
    name: 'a message that was given up',
    table: 'outbox',
    kept: 30 * DAY,
    insert: `INSERT INTO outbox VALUES (?1, ?2, ?3, 'password.changed', NULL, NULL, NULL, 1, 2, 60, NULL, NULL, ?4)`,
  },
  {
    name: 'a budget of guesses that nobody used any more',
    table: 'throttle',
    kept: 30 * DAY,
    insert:
      'INSERT INTO throttle SELECT t.id, ?3, 12, 0, 1, ?4 FROM tenant t WHERE t.id = ?1 AND ?2 = ?2',
  },
  {
    name: 'the lane of a source that the user does not come from any more',
    table: 'lane',
    kept: 30 * DAY,
    insert: 'INSERT INTO lane VALUES (?1, ?2, ?3, 12, ?4)',
  },
  {
    name: 'a bucket of strangers that is full again',
    table: 'flood',
    kept: 0,
    insert: 'INSERT INTO flood SELECT t.id, ?3, ?4, NULL FROM tenant t WHERE t.id = ?1 AND ?2 = ?2',
  },
];

export const KEY: Record<string, string> = {
  challenge: 'session_hash',
  code: 'mac',
  throttle: 'subject',
  lane: 'source',
  flood: 'source',
};
