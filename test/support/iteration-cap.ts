// Makes PBKDF2 refuse what production refuses: the local runtime and Node accept any count. Counts every call.
const CAP = 100_000;
const subtle = crypto.subtle;
const deriveBits = subtle.deriveBits.bind(subtle);
const deriveKey = subtle.deriveKey.bind(subtle);

let calls = 0;
let spent = 0;

/** PBKDF2 calls since the file began. */
export function countDerivations(): number {
  return calls;
}

/** Iterations of them all: what they take is in proportion to it. */
export function countIterations(): number {
  return spent;
}

function check(algorithm: unknown): void {
  const { name, iterations } = algorithm as { name?: string; iterations?: number };
  if (name !== 'PBKDF2') return;
  calls += 1;
  spent += iterations ?? 0;
  if ((iterations ?? 0) > CAP) {
    throw new DOMException(
      `Pbkdf2 failed: iteration counts above ${CAP} are not supported (requested ${iterations}).`,
      'NotSupportedError',
    );
  }
}

Object.defineProperties(subtle, {
  deriveBits: {
    configurable: true,
    value: async (...input: Parameters<SubtleCrypto['deriveBits']>) => {
      check(input[0]);
      return deriveBits(...input);
    },
  },
  deriveKey: {
    configurable: true,
    value: async (...input: Parameters<SubtleCrypto['deriveKey']>) => {
      check(input[0]);
      return deriveKey(...input);
    },
  },
});
