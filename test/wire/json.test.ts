// Strict JSON: all of its values, and nothing that two readers could understand in two ways.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { parseStrictJson } from '../../src/wire/json.ts';

const lower = (key: string) => key.toLowerCase();
const parse = (text: string, fold?: (key: string) => string) => parseStrictJson(utf8(text), fold);

/** Values as JSON can hold them, with keys of every kind. */
const jsonValue = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }).map(dropNegativeZero);

function dropNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('a value', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        expect(parse(JSON.stringify(value, null, indent))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['null', null],
    ['true', true],
    ['-0.5e-3', -0.0005],
    [' "a" ', 'a'],
    ['"\\u0061\\n\\"\\\\"', 'a\n"\\'],
    ['"{\\"a\\":1,\\"a\\":2}"', '{"a":1,"a":2}'],
    ['["a","a"]', ['a', 'a']],
    ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['{"a":{"a":{"a":1}},"b":{"a":2}}', { a: { a: { a: 1 } }, b: { a: 2 } }],
    ['{"a":"b","b":"a"}', { a: 'b', b: 'a' }],
    ['{"a":"\\"b\\":","b":1}', { a: '"b":', b: 1 }],
    ['{"":1}', { '': 1 }],
    ['{"a":1,"A":2}', { a: 1, A: 2 }],
    ['{"\u00e9":1,"e\u0301":2}', { '\u00e9': 1, 'e\u0301': 2 }],
  ])('%s is read', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it('may be nested 32 deep and no deeper', () => {
    const nest = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(parse(nest(32))).toBeDefined();
    expect(parse(nest(33))).toBeUndefined();
    expect(parse(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBeUndefined();
    expect(parse(nest(8000))).toBeUndefined();
    expect(parse(`[${'[],'.repeat(100)}[]]`)).toBeDefined();
  });
});

describe('a key given twice', () => {
  it.each([
    ['with the same value', '{"a":1,"a":1}'],
    ['with another value', '{"userId":"a","userId":"b"}'],
    ['far apart', '{"a":1,"b":[{"c":"}"}],"a":2}'],
    ['escaped', '{"a":1,"\\u0061":2}'],
    ['escaped in another case of hexadecimal', '{"\\u00e9":1,"\\u00E9":2}'],
    ['escaped and not', '{"\u00e9":1,"\\u00e9":2}'],
    ['with a slash that is escaped', '{"a/b":1,"a\\/b":2}'],
    ['with blanks before the colon', '{"a" \n\t:1,"a"\r:2}'],
    ['inside an object', '{"b":{"a":1,"a":2}}'],
    ['inside a list', '[[{"a":1,"a":2}]]'],
    ['after a nested object', '{"a":{"x":1},"b":2,"a":3}'],
    ['empty', '{"":1,"":2}'],
    ['named __proto__', '{"__proto__":1,"__proto__":2}'],
    ['that holds a quote', '{"\\"":1,"\\u0022":2}'],
    ['that is a lone surrogate', '{"\\ud800":1,"\\uD800":2}'],
    ['after a text that looks like the end of an object', '{"a":"\\"}","a":1}'],
  ])('is refused: %s', (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(parse(text)).toBeUndefined();
  });

  it('is refused in any object', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), jsonValue, { minKeys: 1 });
    fc.assert(
      fc.property(object, jsonValue, fc.nat(), fc.boolean(), (object, value, at, isNested) => {
        const keys = Object.keys(object);
        const key = keys[at % keys.length] ?? '';
        const members = Object.entries(object).map((pair) => writeMember(...pair));
        const twice = `{${[...members, writeMember(key, value, true)].join(',')}}`;
        const text = isNested ? `{"outer":[${twice}]}` : twice;
        expect(() => JSON.parse(text)).not.toThrow();
        expect(parse(text)).toBeUndefined();
      }),
    );
  });

  it('is judged by what its spelling stands for', () => {
    expect(parse('{"userID":1,"userId":2}', lower)).toBeUndefined();
    expect(parse('{"a":{"X":1,"x":2}}', lower)).toBeUndefined();
    expect(parse('{"\\u0041":1,"a":2}', lower)).toBeUndefined();
    expect(parse('{"userID":1,"user":2}', lower)).toEqual({ userID: 1, user: 2 });
  });
});

/** `escaped`: every UTF-16 unit of the key as an escape. */
function writeMember(key: string, value: unknown, escaped = false): string {
  const units = Array.from({ length: key.length }, (_, at) => key.charCodeAt(at));
  const literal = escaped
    ? `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
    : JSON.stringify(key);
  return `${literal}:${JSON.stringify(value)}`;
}

describe('what is no JSON', () => {
  it.each([
    '',
    ' ',
    '{',
    '}',
    '{"a":1,}',
    '[1,]',
    '[,]',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    "{'a':1}",
    '{"a":1}{"b":2}',
    '{"a":1} x',
    '{"a":1}\0',
    '{"a":"\n"}',
    '{"a":"\\x61"}',
    '{"a":01}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":undefined}',
    '{"a":1/*comment*/}',
    '{"a":1}//',
    'a=1&b=2',
    '<a/>',
  ])('is refused: %j', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('is refused when it is a number that no reader can hold', () => {
    expect(parse('{"a":1e400}')).toBeUndefined();
    expect(parse('{"a":[-1e400]}')).toBeUndefined();
  });

  it.each([
    ['a byte order mark', [0xef, 0xbb, 0xbf, ...utf8('{"a":1}')]],
    ['UTF-16 with its mark', [0xff, 0xfe, ...utf16('{"a":1}')]],
    ['UTF-16 without', utf16('{"a":1}')],
    ['a lone 0xff in a text', [...utf8('{"a":"'), 0xff, ...utf8('"}')]],
    ['an overlong quote', [...utf8('{"a":"'), 0xc0, 0xa2, ...utf8('"}')]],
    ['a surrogate in UTF-8', [...utf8('{"a":"'), 0xed, 0xa0, 0x80, ...utf8('"}')]],
    ['a cut character', [...utf8('{"a":"'), 0xf0, 0x9f, 0x98, ...utf8('"}')]],
  ])('is refused: %s', (_, bytes) => {
    expect(parseStrictJson(Uint8Array.from(bytes))).toBeUndefined();
  });
});

function utf16(text: string): number[] {
  return [...text].flatMap((character) => [character.charCodeAt(0), 0]);
}

it('pollutes nothing by a prototype key', () => {
  const value = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
  expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
