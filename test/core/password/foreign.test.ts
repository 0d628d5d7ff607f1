// Hashes of other systems: which are read, and that none is read whose verification could cost more than is allowed.
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffordable, readForeignHash } from '../../../src/core/password/foreign.ts';
import { readVectors } from '../../support/vectors.ts';

const SALT = Buffer.from('salt of other systems');
const OUTPUT = pbkdf2Sync('correct horse', SALT, 1000, 32, 'sha256');
const plain = (bytes: Buffer) => bytes.toString('base64');
const bare = (bytes: Buffer) => plain(bytes).replaceAll('=', '');
const adapted = (bytes: Buffer) => bare(bytes).replaceAll('+', '.');

interface Vectors {
  readonly password: string;
  readonly accept: Readonly<Record<string, string>>;
}

const vectors = readVectors<Vectors>('passwap_mcf_phc.json');

/** By another implementation than ours. */
function isHashOf(encoded: string, password: string): boolean {
  const hash = readForeignHash(encoded);
  if (hash === null) return false;
  const { iterations } = hash.cost;
  return pbkdf2Sync(password, hash.salt, iterations, 32, 'sha256').equals(hash.output);
}

describe('a hash', () => {
  it.each([
    ['as passlib and ZITADEL write it', `$pbkdf2-sha256$1000$${adapted(SALT)}$${adapted(OUTPUT)}`],
    ['in standard base64', `$pbkdf2-sha256$1000$${plain(SALT)}$${plain(OUTPUT)}`],
    ['without padding', `$pbkdf2-sha256$1000$${bare(SALT)}$${bare(OUTPUT)}`],
    ['in our own form', `$pbkdf2c-sha256$i=1000,c=100000$${bare(SALT)}$${bare(OUTPUT)}`],
  ])('%s is read', (_, encoded) => {
    expect(readForeignHash(encoded)).toEqual({
      cost: { iterations: 1000, perLink: 100_000 },
      salt: new Uint8Array(SALT),
      output: new Uint8Array(OUTPUT),
    });
    expect(isHashOf(encoded, 'correct horse')).toBe(true);
  });

  /** Made by passlib with 8000 rounds and a salt of 10 bytes, from its documentation. */
  it('of passlib itself is read', () => {
    const encoded =
      '$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE';
    expect(isHashOf(encoded, 'password')).toBe(true);
    expect(isHashOf(encoded, 'Password')).toBe(false);
  });

  it.skipIf(vectors === null)('of ZITADEL itself is read when it is of this scheme', () => {
    const accept = Object.entries(vectors?.accept ?? {});
    expect(accept.length).toBeGreaterThan(9);
    for (const [name, encoded] of accept) {
      if (!name.startsWith('pbkdf2-sha256')) expect(readForeignHash(encoded), name).toBeNull();
      else expect(isHashOf(encoded, vectors?.password ?? ''), name).toBe(true);
    }
  });

  it.each([
    ['whose dots stand for a plus', '+'],
    ['whose slashes are its own', '/'],
  ])('%s is read right', (_, letter) => {
    let output = randomBytes(32);
    while (!bare(output).includes(letter)) output = randomBytes(32);
    const encoded = `$pbkdf2-sha256$1000$${adapted(SALT)}$${adapted(output)}`;
    expect(readForeignHash(encoded)?.output).toEqual(new Uint8Array(output));
  });

  it.each([8, 16, 64])('is read with a salt of %i bytes, padded or not', (length) => {
    const salt = randomBytes(length);
    for (const encoded of [plain(salt), bare(salt)]) {
      const hash = readForeignHash(`$pbkdf2-sha256$1000$${encoded}$${bare(OUTPUT)}`);
      expect(hash?.salt).toEqual(new Uint8Array(salt));
    }
  });

  const of = (rounds: string, salt = bare(SALT), output = bare(OUTPUT)) =>
    `$pbkdf2-sha256$${rounds}$${salt}$${output}`;
  const ours = (cost: string) => `$pbkdf2c-sha256$${cost}$${bare(SALT)}$${bare(OUTPUT)}`;

  it('is read up to the cap of one call, and our chain up to twelve', () => {
    expect(readForeignHash(of('100000'))?.cost.iterations).toBe(100_000);
    expect(readForeignHash(of('1'))?.cost.iterations).toBe(1);
    expect(readForeignHash(ours('i=1200000,c=100000'))?.cost.iterations).toBe(1_200_000);
    expect(readForeignHash(ours('i=12,c=1'))?.cost).toEqual({ iterations: 12, perLink: 1 });
  });

  it.each([
    ['nothing', ''],
    ['another scheme', of('1000').replace('sha256', 'sha512')],
    ['another name', of('1000').replace('$pbkdf2', '$PBKDF2')],
    ['text before it', ` ${of('1000')}`],
    ['a line after it', `${of('1000')}\n`],
    ['no rounds', of('')],
    ['zero rounds', of('0')],
    ['negative rounds', of('-1')],
    ['rounds in another spelling', of('1e3')],
    ['rounds that begin with zero', of('01000')],
    ['rounds above the cap', of('100001')],
    ['absurd rounds', of('99999999999999999999')],
    ['a cost in the foreign form', of('1000,c=100000')],
    ['no link in our form', ours('i=1000')],
    ['a link above the cap', ours('i=1000,c=100001')],
    ['a link of nothing', ours('i=1000,c=0')],
    ['thirteen links', ours('i=13,c=1')],
    ['more than twelve full links', ours('i=1200001,c=100000')],
    ['no salt', of('1000', '')],
    ['a salt that is no base64', of('1000', `${bare(SALT).slice(1)}_`)],
    ['a salt of seven bytes', of('1000', bare(Buffer.alloc(7)))],
    ['a salt of 65 bytes', of('1000', bare(Buffer.alloc(65)))],
    ['an output of 31 bytes', of('1000', bare(SALT), bare(Buffer.alloc(31)))],
    ['an output of 33 bytes', of('1000', bare(SALT), bare(Buffer.alloc(33)))],
    ['an output of 64 bytes', of('1000', bare(SALT), bare(Buffer.alloc(64)))],
    ['a letter that is none of base64', of('1000', bare(SALT), `${bare(OUTPUT).slice(1)}_`)],
    ['padding within', of('1000', `${bare(SALT)}=A`)],
  ])('is not read with %s', (_, encoded) => {
    expect(readForeignHash(encoded)).toBeNull();
  });

  it('never costs more than twelve calls below the cap, whatever it says', () => {
    const cost = fc.tuple(
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.integer({ min: 0, max: 999_999 }),
    );
    fc.assert(
      fc.property(cost, fc.boolean(), ([iterations, perLink], isOurs) => {
        const encoded = isOurs ? ours(`i=${iterations},c=${perLink}`) : of(String(iterations));
        const hash = readForeignHash(encoded);
        if (hash === null) return;
        expect(hash.cost.perLink).toBeLessThanOrEqual(100_000);
        expect(Math.ceil(hash.cost.iterations / hash.cost.perLink)).toBeLessThanOrEqual(12);
        expect(isAffordable(hash.cost)).toBe(true);
      }),
    );
  });
});
