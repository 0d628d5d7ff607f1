// Bodies that are no JSON object that gives each key once, that are too large, or that come under a wrong name.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import {
  DOOR_NAMES,
  type Door,
  type DoorName,
  expectRefused,
  forEach,
  knock,
  openDoors,
} from './doors.ts';

cheapenHashes();

let doors: Record<DoorName, Door>;

beforeAll(async () => {
  doors = await openDoors();
});

const utf8 = new TextEncoder();

/** The text with bytes put right behind its first occurrence of "canary" (a reset has none: behind its first quote). */
function insertBytes(text: string, ...bytes: number[]): Uint8Array<ArrayBuffer> {
  const at = text.includes('canary') ? text.indexOf('canary') + 'canary'.length : 2;
  const parts = [utf8.encode(text.slice(0, at)), bytes, utf8.encode(text.slice(at))];
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function encodeUtf16(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));
}

/** The object with more members written behind its own. */
function append(text: string, members: string): string {
  return `${text.slice(0, -1)},${members}}`;
}

function firstMember(text: string): string {
  const [key = '', value] = Object.entries(JSON.parse(text))[0] ?? [];
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

/** "newPassword" → "\u006eewPassword": the same key for a parser, another one for a reader of text. */
function escapeKey(member: string): string {
  const code = member.charCodeAt(1).toString(16).padStart(4, '0');
  return `"\\u${code}${member.slice(2)}`;
}

type Spoil = (text: string) => string | Uint8Array<ArrayBuffer>;

const BODIES: readonly (readonly [string, Spoil])[] = [
  ['blanks', () => '  \n '],
  ['cut short', (text) => text.slice(0, -1)],
  ['one brace too many', (text) => `${text}}`],
  ['twice', (text) => text + text],
  ['a trailing comma', (text) => `${text.slice(0, -1)},}`],
  ['single quotes', (text) => text.replaceAll('"', "'")],
  ['bare keys', (text) => text.replace(/"(\w+)":/g, '$1:')],
  ['a comment', (text) => `/* canary */${text}`],
  ['a form', (text) => new URLSearchParams(Object.entries(JSON.parse(text))).toString()],
  ['NaN', (text) => append(text, '"x":NaN')],
  ['undefined', (text) => append(text, '"x":undefined')],
  ['a hexadecimal number', (text) => append(text, '"x":0x10')],
  ['a raw line feed in a string', (text) => append(text, '"x":"canary\n"')],
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['UTF-16', encodeUtf16],
  ['the byte FF', (text) => insertBytes(text, 0xff)],
  ['an overlong slash', (text) => insertBytes(text, 0xc0, 0xaf)],
  ['an encoded surrogate', (text) => insertBytes(text, 0xed, 0xa0, 0x80)],
  ['half a character', (text) => insertBytes(text, 0xe2, 0x82)],
  ['a raw NUL', (text) => insertBytes(text, 0)],
  ['a key twice with the same value', (text) => append(text, firstMember(text))],
  [
    'a key twice with another value',
    (text) => append(text, `${firstMember(text).split(':')[0]}:"canary"`),
  ],
  ['a key twice, once escaped', (text) => append(text, escapeKey(firstMember(text)))],
  [
    'a key twice, first null',
    (text) => `{${firstMember(text).split(':')[0]}:null,${text.slice(1)}`,
  ],
  ['an unknown key twice', (text) => append(text, '"x":1,"x":1')],
  ['a nested key twice', (text) => append(text, '"x":[{"y":{"canary":1,"canary":2}}]')],
  ['lists, 5000 deep', (text) => append(text, `"x":${'['.repeat(5000)}${']'.repeat(5000)}`)],
  ['objects, 2000 deep', (text) => append(text, `"x":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`)],
  ['10000 opening brackets', () => '['.repeat(10_000)],
  ['a list of it', (text) => `[${text}]`],
  ['an empty list', () => '[]'],
  ['null', () => 'null'],
  ['true', () => 'true'],
  ['a number', () => '1e400'],
  ['a string', (text) => JSON.stringify(text)],
];

describe('every door refuses a body that is', () => {
  it.each(BODIES)('%s', async (_, spoil) => {
    await forEach(Object.entries(doors), (door) =>
      expectRefused(door, spoil(JSON.stringify(door.valid))),
    );
  });
});

describe('fields that are inherited are no fields', () => {
  it.each(DOOR_NAMES.filter((name) => name !== 'ZITADEL reset'))('%s', async (name) => {
    const text = JSON.stringify({ ...doors[name].valid, polluted: 'canary' });
    for (const body of [
      `{"__proto__":${text}}`,
      `{"constructor":{"prototype":${text}}}`,
      `{"prototype":${text}}`,
    ]) {
      await expectRefused(doors[name], body);
    }
  });
});

describe('a body may have 16 KiB', () => {
  const LIMIT = 16 * 1024;

  /** `valid` with blanks behind it. */
  const pad = (name: DoorName, length: number) => JSON.stringify(doors[name].valid).padEnd(length);

  /** Without a length, in pieces; counts what was asked of it. */
  function stream(length: number, piece = 1024) {
    const asked = { bytes: 0 };
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (asked.bytes >= length) return controller.close();
        asked.bytes += piece;
        controller.enqueue(utf8.encode('canary '.padEnd(piece)));
      },
    });
    return { asked, body };
  }

  it.each(DOOR_NAMES)('and not one byte more: %s', async (name) => {
    const answer = await expectRefused(doors[name], pad(name, LIMIT + 1));
    expect(answer.status).toBe(413);
  });

  it.each(DOOR_NAMES)('and not a megabyte, in one password: %s', async (name) => {
    const body = JSON.stringify({ ...doors[name].valid, password: 'canary'.padEnd(1 << 20, 'x') });
    const answer = await expectRefused(doors[name], body);
    expect(answer.status).toBe(413);
  });

  it.each(DOOR_NAMES)('and a stream is not read much further: %s', async (name) => {
    const { asked, body } = stream(1 << 20);
    const answer = await expectRefused(doors[name], body);
    expect(answer.status).toBe(413);
    expect(asked.bytes).toBeLessThan(4 * LIMIT);
  });

  it('and who calls is not asked before', async () => {
    const { headers: _, ...door } = doors['ZITADEL change by password'];
    const answer = await expectRefused({ ...door, headers: {} }, 'x'.repeat(LIMIT + 1));
    expect(answer.status).toBe(413);
  });

  it('with a length or without one', async () => {
    const door = doors['admin user'];
    const make = (userId: string) => JSON.stringify({ ...door.valid, userId }).padEnd(LIMIT);
    expect((await knock(door, make('of-16-kib'))).status).toBe(201);
    const streamed = new Blob([make('of-16-kib-streamed')]).stream();
    expect((await knock(door, streamed)).status).toBe(201);
  });
});
