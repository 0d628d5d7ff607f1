// Signing keys that are nobody's, as the environment has them. Made by WebCrypto, so that it goes in the Worker, too.

/** A private key that a Worker takes. */
export async function drawSigningKey(): Promise<JsonWebKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { privateKey } = pair as CryptoKeyPair;
  const { kty, crv, x, y, d } = (await crypto.subtle.exportKey('jwk', privateKey)) as JsonWebKey;
  return { kty, ...(crv && { crv }), ...(x && { x }), ...(y && { y }), ...(d && { d }) };
}

/** As it is kept once it has retired. `at`: milliseconds. */
export function retire({ d: _, ...publicHalf }: JsonWebKey, at: number): Record<string, unknown> {
  return { ...publicHalf, retired_at: Math.floor(at / 1000) };
}
