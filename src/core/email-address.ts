// Addresses of e-mail that can be written to as they are.

/** RFC 5322's dot-atom on both sides, with the letters of RFC 6531: no name before it, no second one behind it. */
const PLAIN_ADDRESS =
  /^[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~-]+)*@[\p{L}\p{M}\p{Nd}-]+(?:\.[\p{L}\p{M}\p{Nd}-]+)*$/u;

/** Whether it is one address and nothing else, in a header too. */
export function isPlainAddress(text: string): boolean {
  return PLAIN_ADDRESS.test(text);
}
