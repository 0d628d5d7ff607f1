// What goes wrong with bytes and texts that were right: cut, doubled, flipped, spliced, blown up.
import fc from 'fast-check';

type Bytes = Uint8Array<ArrayBuffer>;
type Edit = (bytes: Bytes) => Bytes;

/** More than any limit of ours, and less than what would be a test of the runtime. */
const HUGE = 20_000;

/** Lengths, signs and ends: where parsers go wrong. */
const TELLING = [
  0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x25, 0x3d, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff,
];

function join(...parts: readonly ArrayLike<number>[]): Bytes {
  return new Uint8Array(parts.flatMap((part) => Array.from(part)));
}

/** `at` and `length` are of as many as there are, round and round. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.nat().map((at) => (bytes: Bytes) => bytes.slice(0, at % (bytes.length + 1))),
  fc.nat().map((at) => (bytes: Bytes) => bytes.slice(at % (bytes.length + 1))),
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => (bytes: Bytes) => {
    const index = at % Math.max(1, bytes.length);
    return bytes.length === 0 ? bytes : bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
  }),
  fc.tuple(fc.nat(), fc.constantFrom(...TELLING)).map(([at, byte]) => (bytes: Bytes) => {
    const index = at % Math.max(1, bytes.length);
    return bytes.length === 0 ? bytes : bytes.with(index, byte);
  }),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 12 })).map(([at, more]) => (bytes: Bytes) => {
    const index = at % (bytes.length + 1);
    return join(bytes.subarray(0, index), more, bytes.subarray(index));
  }),
  fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([from, length, to]) => (bytes: Bytes) => {
    const start = from % (bytes.length + 1);
    const piece = bytes.slice(start, start + (length % (bytes.length + 1)));
    const index = to % (bytes.length + 1);
    return join(bytes.subarray(0, index), piece, bytes.subarray(index));
  }),
  fc.constant((bytes: Bytes) => join(bytes, bytes)),
  fc
    .tuple(fc.nat(), fc.nat(HUGE), fc.constantFrom(...TELLING))
    .map(([at, count, byte]) => (bytes: Bytes) => {
      const index = at % (bytes.length + 1);
      const blown = new Uint8Array(count).fill(byte);
      return join(bytes.subarray(0, index), blown, bytes.subarray(index));
    }),
);

/** What is made of right bytes. */
export const spoil: fc.Arbitrary<Edit> = fc
  .array(edit, { minLength: 1, maxLength: 4 })
  .map((edits) => (bytes) => edits.reduce((spoilt, change) => change(spoilt), bytes));

const utf8 = new TextEncoder();

/** A byte is a character here: no text is out of reach of what spoils bytes. */
export const spoilText: fc.Arbitrary<(text: string) => string> = spoil.map(
  (change) => (text) =>
    Array.from(change(new Uint8Array(utf8.encode(text))), (byte) => String.fromCharCode(byte)).join(
      '',
    ),
);

/** Any text at all, lone surrogates among it. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 24 })
    .map((units) => String.fromCharCode(...units)),
);

/** One of the right ones, spoilt, or any text. */
export function nearly(...right: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 1, arbitrary: anyText },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...right), spoilText)
        .map(([text, change]) => change(text)),
    },
  );
}

/** The value nested in itself as deep as it is told. */
function nest(depth: number, kind: 'list' | 'object', value: unknown): unknown {
  let nested = value;
  for (let level = 0; level < depth; level += 1) {
    nested = kind === 'list' ? [nested] : { x: nested };
  }
  return nested;
}

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  anyText,
  fc.constantFrom(null, true, 0, -1, 1e308, 2 ** 53, '', '\u0000', '__proto__', [], {}),
  fc.nat(HUGE).map((length) => 'x'.repeat(length)),
  fc
    .tuple(fc.nat(2500), fc.constantFrom('list' as const, 'object' as const))
    .map(([depth, kind]) => nest(depth, kind, 1)),
);

type Fields = Readonly<Record<string, unknown>>;

/** JSON whose shape is another: fields gone, replaced, added, moved down. */
export const reshape: fc.Arbitrary<(fields: Fields) => string> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('replace', 'drop', 'add', 'double', 'wrap', 'inner'),
      at: fc.nat(),
      name: fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', 'toString', 'length')),
      value: anyValue,
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((edits) => (fields) => {
    let value: Record<string, unknown> = { ...fields };
    // Not by assignment: that would set the prototype.
    const put = (key: string, drawn: unknown) =>
      Object.defineProperty(value, key, {
        value: drawn,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    let doubled = '';
    for (const { kind, at, name, value: drawn } of edits) {
      const names = Object.keys(value);
      const key = names[at % Math.max(1, names.length)] ?? name;
      if (kind === 'replace') put(key, drawn);
      if (kind === 'drop') delete value[key];
      if (kind === 'add') put(name, drawn);
      if (kind === 'double') doubled += `${JSON.stringify(key)}:${JSON.stringify(drawn)},`;
      if (kind === 'wrap') value = { [key]: value };
      if (kind === 'inner') put(key, { ...(value[key] as object), [name]: drawn });
    }
    return `{${doubled}${JSON.stringify(value).slice(1)}`;
  });
