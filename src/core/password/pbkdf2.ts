// PBKDF2-HMAC-SHA-256 (RFC 8018 section 5.2) in links, since production Workers refuse a call above
// 100,000 iterations while the local runtime does not: the guard here is the only one that a test can meet.

export const MAX_ITERATIONS_PER_CALL = 100_000;
const OUTPUT_BYTES = 32;

/** How a chain is cut: `iterations` in all, at most `perLink` in one call. */
export interface ChainCost {
  readonly iterations: number;
  readonly perLink: number;
}

/** `onLink` comes before each link; `rest` lets other requests of the isolate run between two links. */
export interface ChainPace {
  /** Waits until the chain may begin; `end` follows, whatever became of it. */
  readonly begin: () => Promise<void>;
  readonly end: () => void;
  readonly onLink: () => void;
  readonly rest: () => Promise<void>;
}

/**
 * Derives 32 bytes. Link 1 is PBKDF2(password, salt, min(perLink, iterations)); link n ≥ 2 is
 * PBKDF2(previous output, salt ‖ uint32be(n), what is left, at most perLink). One link is standard PBKDF2.
 *
 * @throws RangeError when `iterations` or `perLink` is no positive integer or `perLink` exceeds the platform's cap.
 */
export async function deriveChain(
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  cost: ChainCost,
  pace: ChainPace,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!Number.isSafeInteger(cost.iterations) || cost.iterations < 1) {
    throw new RangeError('iterations must be a positive integer');
  }
  if (
    !Number.isSafeInteger(cost.perLink) ||
    cost.perLink < 1 ||
    cost.perLink > MAX_ITERATIONS_PER_CALL
  ) {
    throw new RangeError(`perLink must be 1 to ${MAX_ITERATIONS_PER_CALL}`);
  }
  await pace.begin();
  try {
    return await deriveLinks(password, salt, cost, pace);
  } finally {
    pace.end();
  }
}

async function deriveLinks(
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  cost: ChainCost,
  pace: ChainPace,
): Promise<Uint8Array<ArrayBuffer>> {
  let output = password;
  let left = cost.iterations;
  for (let link = 1; left > 0; link += 1) {
    // Awaiting a resolved crypto promise never leaves the microtask queue: without a rest the whole
    // chain would freeze the isolate.
    if (link > 1) await pace.rest();
    pace.onLink();
    const iterations = Math.min(cost.perLink, left);
    output = await deriveLink(output, link === 1 ? salt : linkSalt(salt, link), iterations);
    left -= iterations;
  }
  return output;
}

async function deriveLink(
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    key,
    OUTPUT_BYTES * 8,
  );
  return new Uint8Array(bits);
}

function linkSalt(salt: Uint8Array, link: number): Uint8Array<ArrayBuffer> {
  const salted = new Uint8Array(salt.length + 4);
  salted.set(salt);
  new DataView(salted.buffer).setUint32(salt.length, link);
  return salted;
}
