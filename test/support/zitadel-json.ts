// JSON of every kind that a field could be given, for holding our JSON mapping against the library's.
import type { DescMessage, JsonValue } from '@bufbuild/protobuf';
import { SERVICES } from '../../src/dialects/zitadel/descriptors.ts';

const TEXTS = ['', 'a', 'ü 🔑', '\ud800', 'a\udc00b', '__proto__', 'true', 'null', ' 1', '1 '];
const BYTES = ['AQ==', 'AQ', 'A', 'A_-', '+/8=', 'A A=', 'AQ==AQ==', 'A===', '!', 'ä', '\n'];
const NUMBERS = [
  ...[0, -0, 1, -1, 1.5, 2_147_483_647, 2_147_483_648, -2_147_483_648, -2_147_483_649],
  ...[4_294_967_295, 4_294_967_296, 2 ** 53, 2 ** 63, 2 ** 64, 1e21, 1e300],
  ...['0', '-0', '00', '01', '1.0', '1.5', '1e2', '0x10', '0b1', '-1', '+1', 'NaN', 'Infinity'],
  ...['4294967295', '4294967296', '18446744073709551615', '18446744073709551616', '1n', '1_0'],
];
const TIMES = [
  ...['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.1Z', '2026-01-02T03:04:05.120Z'],
  ...['2026-01-02T03:04:05.000001Z', '2026-01-02T03:04:05.123456789Z', '1969-12-31T23:59:59.9Z'],
  ...['2026-01-02T03:04:05+01:00', '2026-01-02T03:04:05.5-11:59', '0001-01-01T00:00:00Z'],
  ...['9999-12-31T23:59:59.999999999Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00'],
  ...['0000-12-31T00:00:00Z', '2026-01-02T03:04:05', '2026-01-02t03:04:05z', '2026-01-02'],
  ...[
    '2026-13-02T03:04:05Z',
    '2026-01-02T25:04:05Z',
    '2026-02-30T03:04:05Z',
    '2026-01-02T24:00:00Z',
  ],
  ...['2026-01-02T03:04:05.1234567890Z', '2026-01-02T03:04:05.Z', ' 2026-01-02T03:04:05Z'],
];
const DURATIONS = [
  ...['0s', '1s', '-1s', '1.5s', '-1.5s', '-0.5s', '0.000000001s', '1.1234567890s', '1.s', '.5s'],
  ...['315576000000s', '315576000001s', '-315576000000s', '-315576000001s', '1', 's', '1sx', '+1s'],
];
const OBJECTS = [
  {},
  { a: 1, b: [null, true, { c: 'x' }], d: { e: 1.5 } },
  JSON.parse('{"__proto__":"AQ==","constructor":"AQ=="}'),
  { 'a\ud800': 'AQ==' },
  { k: {} },
];
const LISTS = [[], [null], [[]], [{}], ['a'], ['a', 'b'], ['AQ=='], [1, 'x'], [true]];

/** What any field is tried with, beside the names and numbers of its enum. */
const VALUES: readonly JsonValue[] = [
  ...[null, true, false, ...TEXTS, ...BYTES, ...NUMBERS, ...TIMES, ...DURATIONS],
  ...[...OBJECTS, ...LISTS],
];

/** Every message that the methods speak of on this side, those inside others included. */
export function listMessages(side: 'input' | 'output'): readonly DescMessage[] {
  const seen = new Set<DescMessage>();
  const visit = (message: DescMessage) => {
    if (seen.has(message) || message.typeName.startsWith('google.protobuf.')) return;
    seen.add(message);
    for (const { message: inner } of message.fields) if (inner !== undefined) visit(inner);
  };
  for (const { methods } of SERVICES) for (const method of methods) visit(method[side]);
  return [...seen];
}

/** One field at a time, by both of its names; and each two fields together. */
export function* makeJson({ fields }: DescMessage): Generator<JsonValue> {
  for (const field of fields) {
    const names = field.enum?.values.map(({ name }) => name) ?? [];
    const values = [...VALUES, ...names, ...names.map((name) => [name, 'UNKNOWN', name])];
    for (const value of values) {
      yield { [field.jsonName]: value };
      yield { [field.name]: value, unknown: value };
      yield { [field.name]: { key: value } };
    }
  }
  for (const first of fields) {
    for (const second of fields) {
      for (const value of ['a', 0, true, {}, 'AQ==']) {
        yield { [first.jsonName]: value, [second.name]: value };
      }
    }
  }
}
