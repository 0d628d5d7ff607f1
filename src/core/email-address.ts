// Addresses of e-mail that can be written to as they are.

/**
 * Whether it is one address and nothing else, in a header too: RFC 5322's dot-atom on both sides, with the letters of
 * RFC 6531; no name before it, no second one behind it.
 */
export function isPlainAddress(text: string): boolean {
  // Not above: a new isolate would collect all the letters of the world before it answers anything.
  return /^[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~-]+)*@[\p{L}\p{M}\p{Nd}-]+(?:\.[\p{L}\p{M}\p{Nd}-]+)*$/u.test(
    text,
  );
}
