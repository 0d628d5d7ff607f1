// What the core needs from outside besides the store: time, randomness, and a count of what was spent.

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
}

export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** What one request has spent. */
export interface Meter {
  /** D1 round trips. */
  trips: number;
  /** PBKDF2 links. */
  links: number;
}

/** One POST. Gives the status of the answer; a redirect is an answer. @throws when there is none in time. */
export type Post = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<number>;
