// Proactive negotiation (RFC 9110 section 12.5.1) among a few types that all carry the same text.
import { parseAccept } from 'hono/utils/accept';

/**
 * The supported type that the header likes best; the first one when the header is absent, wild or likes none.
 * A more specific range overrides a wider one.
 */
export function negotiateType(
  header: string | undefined,
  supported: readonly [string, ...string[]],
): string {
  if (header === undefined) return supported[0];
  const ranges = parseAccept(header);
  let best: { readonly type: string; readonly quality: number } = {
    type: supported[0],
    quality: 0,
  };
  for (const type of supported) {
    const [main] = type.split('/');
    const quality = [type, `${main}/*`, '*/*']
      .map((name) => ranges.find((range) => range.type.toLowerCase() === name)?.q)
      .find((q) => q !== undefined);
    if (quality !== undefined && quality > best.quality) best = { type, quality };
  }
  return best.type;
}
