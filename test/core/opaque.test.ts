// Opaque tokens: their kind and place can be read, their secret is stored as a hash.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawOpaque, formatOpaque, hashOpaque, readOpaquePlace } from '../../src/core/opaque.ts';
import { platformRandom } from '../support/secrets.ts';

const SECRET = 'A'.repeat(43);

describe('a drawn token', () => {
  it.each([
    ['api-key', 'rk'],
    ['refresh', 'rkr'],
    ['session', 'rks'],
  ] as const)('of the kind %s begins with %s and its place, then 256 bits', (kind, prefix) => {
    const token = drawOpaque(kind, 'db-eu', platformRandom);
    expect(token).toMatch(new RegExp(`^${prefix}_db-eu_[A-Za-z0-9_-]{43}$`));
    expect(readOpaquePlace(kind, token)).toBe('db-eu');
    expect(drawOpaque(kind, 'db-eu', platformRandom)).not.toBe(token);
  });

  it('takes all of its secret from the given randomness', () => {
    const ones = { bytes: (length: number) => new Uint8Array(length).fill(255) };
    expect(drawOpaque('refresh', 'db', ones)).toBe(`rkr_db_${'_'.repeat(42)}8`);
  });
});

describe('the place of a token', () => {
  const kinds = ['api-key', 'refresh', 'session'] as const;

  it.each(kinds)('is told for the kind %s alone', (kind) => {
    const token = formatOpaque(kind, 'db', SECRET);
    const told = kinds.filter((other) => readOpaquePlace(other, token) !== null);
    expect(told).toEqual([kind]);
  });

  it('is told of a secret that holds the separator', () => {
    expect(readOpaquePlace('refresh', `rkr_db_${'_'.repeat(43)}`)).toBe('db');
  });

  it.each([
    '',
    'rk',
    `rk_${SECRET}`,
    `rk__${SECRET}`,
    `rk_db_${SECRET}A`,
    `rk_db_${SECRET.slice(1)}`,
    `rk_DB_${SECRET}`,
    `rk_d.b_${SECRET}`,
    `RK_db_${SECRET}`,
    `rk_db_${SECRET}\n`,
    ` rk_db_${SECRET}`,
    `rk_db_${SECRET.slice(1)}=`,
    `rk_${'d'.repeat(64)}_${SECRET}`,
    `rkx_db_${SECRET}`,
    'eyJhbGciOiJub25lIn0.e30.',
  ])('is not told for %j', (token) => {
    expect(readOpaquePlace('api-key', token)).toBeNull();
  });
});

it('is stored as the SHA-256 of its text', async () => {
  const token = drawOpaque('api-key', 'db', platformRandom);
  const expected = createHash('sha256').update(token).digest('base64url');
  expect(await hashOpaque(token)).toBe(expected);
});
