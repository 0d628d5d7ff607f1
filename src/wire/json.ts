// Strict JSON: what two readers could understand in two ways is refused.
import { readUtf8 } from '../core/bytes.ts';

/** More is no request of ours, and costs the readers behind us their stack. */
const MAX_DEPTH = 32;

/**
 * The value of well-formed UTF-8 JSON in which no object gives a key twice; `fold` tells which keys count as the same.
 * undefined for anything else: no part of the input is in any message.
 */
export function parseStrictJson(
  bytes: Uint8Array,
  fold: (key: string) => string = (key) => key,
): unknown {
  const text = readUtf8(bytes);
  if (text === null) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isUnambiguous(text, fold) ? value : undefined;
}

/** `text` is valid JSON, so that strings, brackets, colons and numbers are all that there is to see. */
function isUnambiguous(text: string, fold: (key: string) => string): boolean {
  const open: (Set<string> | null)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]|\d[\d.eE+-]*/g;
  for (const [token, colon] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const literal = token.slice(0, token.lastIndexOf('"') + 1);
      const key = fold(JSON.parse(literal) as string);
      const seen = open.at(-1);
      if (seen?.has(key)) return false;
      seen?.add(key);
    } else if (!token.startsWith('"') && !Number.isFinite(Number(token))) {
      // 1e400 is JSON, and no number that anyone could write back.
      return false;
    }
    if (open.length > MAX_DEPTH) return false;
  }
  return true;
}
