// Rotation of the secrets' texts: who becomes what, what is kept for how long, and that the Worker takes the outcome.
import { describe, expect, it } from 'vitest';
import { openKeyring, parseConfig } from '../../src/config.ts';
import {
  dropKey,
  KEY_KINDS,
  listKeys,
  nameVariable,
  OLD_LIFE,
  rotateKeys,
  type SecretTexts,
} from '../../src/node/rotation.ts';
import { makeSecrets } from '../../src/node/secrets.ts';

const DAY = 24 * 3_600_000;
const MADE = Date.UTC(2026, 0, 1, 12);
const VARS = {
  ISSUER: 'http://127.0.0.1:8787',
  DATABASES: '*=DB',
  HOSTS: '*=DB',
  ORGS: '*=DB',
  DB: {},
};

function start(): SecretTexts {
  return { ...makeSecrets(MADE) };
}

/** Rotated at each of these times. */
function rotateAt(kind: (typeof KEY_KINDS)[number], ...times: readonly number[]): SecretTexts {
  return times.reduce((texts, time) => rotateKeys(texts, kind, time), start());
}

describe.each(KEY_KINDS)('the rotation of %s keys', (kind) => {
  it('makes the next one active, the active one old, and a new one next', () => {
    const before = start();
    const [active, next] = listKeys(before, kind);
    const after = rotateKeys(before, kind, MADE + DAY);
    const keys = listKeys(after, kind);
    expect(keys.map(({ role }) => role)).toEqual(['active', 'next', 'old']);
    expect([keys[0]?.id, keys[2]?.id]).toEqual([next?.id, active?.id]);
    expect([active?.id, next?.id]).not.toContain(keys[1]?.id);
    expect(keys.map(({ madeAt }) => madeAt)).toEqual([MADE, MADE + DAY, MADE]);
    expect(keys.map(({ retiredAt }) => retiredAt)).toEqual([null, null, MADE + DAY]);
  });

  it('leaves every other variable as it was', () => {
    const before = start();
    const { [nameVariable(kind)]: _, ...others } = rotateKeys(before, kind, MADE + DAY);
    const { [nameVariable(kind)]: __, ...same } = before;
    expect(others).toEqual(same);
  });

  it('gives what the Worker takes, however often it is done, even in the same second', async () => {
    const texts = rotateAt(kind, MADE, MADE, MADE + DAY, MADE + DAY);
    await expect(openKeyring(parseConfig({ ...VARS, ...texts }).secrets)).resolves.toBeDefined();
    expect(new Set(listKeys(texts, kind).map(({ id }) => id)).size).toBe(6);
  });

  it('tells when each of several retired', () => {
    const keys = listKeys(rotateAt(kind, MADE + DAY, MADE + 2 * DAY, MADE + 3 * DAY), kind);
    expect(keys.slice(2).map(({ retiredAt }) => retiredAt)).toEqual(
      [3, 2, 1].map((days) => MADE + days * DAY),
    );
  });

  it('keeps an old one for as long as what it made may come', () => {
    const retired = MADE + DAY;
    const inTime = rotateAt(kind, retired, retired + OLD_LIFE);
    const late = rotateAt(kind, retired, retired + OLD_LIFE + 1000);
    expect(listKeys(inTime, kind)).toHaveLength(4);
    // What a pepper sealed waits for a rewrap, and the audit is verified for ever.
    const isEndless = kind === 'pepper' || kind === 'chain';
    expect(listKeys(late, kind)).toHaveLength(isEndless ? 4 : 3);
  });

  it('drops an old one alone, by its id', () => {
    const texts = rotateAt(kind, MADE + DAY);
    const [active, next, old] = listKeys(texts, kind);
    for (const key of [active, next]) {
      expect(() => dropKey(texts, kind, key?.id ?? '')).toThrow(`is the ${key?.role} one`);
    }
    expect(() => dropKey(texts, kind, 'nobody')).toThrow('has no key nobody');
    const dropped = listKeys(dropKey(texts, kind, old?.id ?? ''), kind);
    expect(dropped.map(({ id }) => id)).toEqual([active?.id, next?.id]);
  });

  it('refuses to go on without a next key', () => {
    const texts = start();
    const variable = nameVariable(kind);
    const [first] = (texts[variable] ?? '').split(',');
    const alone =
      kind === 'signing'
        ? JSON.stringify({ keys: [JSON.parse(texts[variable] ?? '').keys[0]] })
        : first;
    expect(() => rotateKeys({ ...texts, [variable]: alone }, kind, MADE)).toThrow(
      `${variable}: no next key`,
    );
  });
});

it('keeps no private half of a signing key that has retired', () => {
  const texts = rotateAt('signing', MADE + DAY);
  const { keys } = JSON.parse(texts['SIGNING_JWKS'] ?? '');
  expect(keys.map((key: object) => 'd' in key)).toEqual([true, true, false]);
  expect(keys[2].retired_at).toBe((MADE + DAY) / 1000);
});

it('tells no age of keys that somebody named otherwise, and rotates them', () => {
  const PEPPER_KEYS = `p1=${btoa('a'.repeat(32))}, p2=${btoa('b'.repeat(32))}`;
  const texts = rotateKeys({ ...start(), PEPPER_KEYS }, 'pepper', MADE);
  const keys = listKeys(texts, 'pepper');
  expect([keys[0]?.id, keys[2]?.id]).toEqual(['p2', 'p1']);
  expect(keys[0]?.madeAt).toBeNull();
});
