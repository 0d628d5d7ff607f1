// The stored form of a hash: what is in it, what opens it, and what is never derived.

import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../../src/core/keyring.ts';
import {
  hashPbkdf2c,
  type Owner,
  type SchemeTools,
  spendPbkdf2c,
  verifyPbkdf2c,
} from '../../../src/core/password/pbkdf2c.ts';
import { countDerivations } from '../../support/iteration-cap.ts';
import { UNPACED } from '../../support/ports.ts';
import {
  deriveChainByHand,
  openByHand,
  type SealedHash,
  sealByHand,
} from '../../support/sealed-hash.ts';
import { makeKeySecrets, makePepper, platformRandom } from '../../support/secrets.ts';
import { readVectors } from '../../support/vectors.ts';

const PASSWORD = 'violet harbour at noon';
const OWNER: Owner = { tenantId: 'tenant-1', userId: 'user-1' };
const PEPPER = makePepper('p1');
/** What the scheme costs today, in links. */
const LINKS = 6;

function toolsWith(peppers = [PEPPER]): SchemeTools {
  return {
    pepper: createKeyring(makeKeySecrets({ peppers })).pepper,
    random: platformRandom.bytes,
    pace: UNPACED,
  };
}

const tools = toolsWith();

/** Cheap, so that a test may make many. */
const CHEAP: SealedHash = {
  password: PASSWORD,
  pepper: PEPPER,
  owner: OWNER,
  iterations: 1000,
  perLink: 1000,
};

async function verify(stored: string, owner = OWNER, by = tools, password = PASSWORD) {
  const before = countDerivations();
  const verdict = await verifyPbkdf2c(stored, password, owner, by);
  return { verdict, links: countDerivations() - before };
}

describe('a new hash', () => {
  it('holds the parameters, a salt of 16 bytes and the sealed output, and node:crypto can read it', async () => {
    const before = countDerivations();
    const stored = await hashPbkdf2c(PASSWORD, OWNER, tools);
    expect(countDerivations() - before).toBe(LINKS);
    expect(stored).toMatch(
      /^\$pbkdf2c-sha256\$i=600000,c=100000,k=p1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{80}$/,
    );
    const { salt, output } = openByHand(stored, OWNER, PEPPER);
    expect(salt).toHaveLength(16);
    const cost = { iterations: 600_000, perLink: 100_000 };
    const expected = Buffer.from(deriveChainByHand(Buffer.from(PASSWORD), salt, cost));
    expect(output.equals(expected)).toBe(true);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(stored).not.toContain(expected.toString(encoding).replaceAll('=', ''));
    }
  });

  it('has another salt, nonce and text each time', async () => {
    const hashes = [
      await hashPbkdf2c(PASSWORD, OWNER, tools),
      await hashPbkdf2c(PASSWORD, OWNER, tools),
    ];
    expect(new Set(hashes).size).toBe(2);
    const opened = hashes.map((stored) => openByHand(stored, OWNER, PEPPER));
    for (const part of ['salt', 'iv', 'output'] as const) {
      expect(new Set(opened.map((hash) => hash[part].toString('hex'))).size).toBe(2);
    }
  });

  it('is sealed by the first pepper', async () => {
    const stored = await hashPbkdf2c(PASSWORD, OWNER, toolsWith([makePepper('p2'), PEPPER]));
    expect(stored).toContain(',k=p2$');
  });
});

describe('the verdict', () => {
  const current: SealedHash = { ...CHEAP, iterations: 600_000, perLink: 100_000 };

  it('is match for a hash of the current cost that node:crypto made', async () => {
    expect(await verify(sealByHand(current))).toEqual({ verdict: 'match', links: LINKS });
  });

  it('is mismatch for another password, at the same cost', async () => {
    const guess = await verify(sealByHand(current), OWNER, tools, `${PASSWORD}.`);
    expect(guess).toEqual({ verdict: 'mismatch', links: LINKS });
  });

  it.each([
    ['fewer iterations', { ...CHEAP }],
    ['more iterations', { ...CHEAP, iterations: 600_001, perLink: 100_000 }],
    ['shorter links', { ...CHEAP, iterations: 12_000, perLink: 1000 }],
    ['the current iterations in shorter links', { ...CHEAP, iterations: 600_000, perLink: 50_000 }],
  ])('is match-stale for %s', async (_, hash: SealedHash) => {
    const links = Math.ceil(hash.iterations / hash.perLink);
    expect(await verify(sealByHand(hash))).toEqual({ verdict: 'match-stale', links });
  });

  it('is mismatch, not stale, for another password against an old cost', async () => {
    const { verdict } = await verify(sealByHand(CHEAP), OWNER, tools, `${PASSWORD}.`);
    expect(verdict).toBe('mismatch');
  });

  it('is match-stale once its pepper is an old one', async () => {
    const rotated = toolsWith([makePepper('p2'), makePepper('p3'), PEPPER]);
    expect((await verify(sealByHand(current), OWNER, rotated)).verdict).toBe('match-stale');
  });

  it('is no stale one under the next pepper: a Worker that is ahead sealed it', async () => {
    const behind = toolsWith([makePepper('p0'), PEPPER]);
    expect((await verify(sealByHand(current), OWNER, behind)).verdict).toBe('match');
  });
});

describe('what is never derived', () => {
  it.each([
    ['a removed pepper', toolsWith([makePepper('p2')])],
    ['another key under the same id', toolsWith([makePepper('p1')])],
  ])('%s', async (_, by) => {
    expect(await verify(sealByHand(CHEAP), OWNER, by)).toEqual({
      verdict: 'unsupported',
      links: 0,
    });
  });

  it.each([
    ['another user', { tenantId: 'tenant-1', userId: 'user-2' }],
    ['another tenant', { tenantId: 'tenant-2', userId: 'user-1' }],
    ['tenant and user swapped', { tenantId: 'user-1', userId: 'tenant-1' }],
    ['the same letters cut elsewhere', { tenantId: 'tenant-', userId: '1user-1' }],
    ['a separator inside an id', { tenantId: 'tenant-1","user-1', userId: '' }],
  ])('a hash copied to %s', async (_, owner) => {
    expect(await verify(sealByHand(CHEAP), owner)).toEqual({ verdict: 'unsupported', links: 0 });
  });

  // The seals open: only the parameters stand against a derivation.
  it.each([
    [1_000_000_000, 100_000],
    [9_999_999_999, 100_000],
    [99_999_999_999, 100_000],
    [1_200_001, 100_000],
    [600_000, 100_001],
    [600_000, 600_000],
    [600_000, 9_999_999_999],
    [600_000, 1],
    [600_000, 1000],
    [0, 100_000],
    [600_000, 0],
    [-1, 100_000],
    [1.5, 100_000],
    [Number.NaN, 100_000],
  ])('a sealed hash of %d iterations in links of %d', async (iterations, perLink) => {
    const stored = sealByHand({ ...CHEAP, iterations, perLink, output: Buffer.alloc(32) });
    expect(await verify(stored)).toEqual({ verdict: 'unsupported', links: 0 });
  });

  const sound = sealByHand(CHEAP);
  const [, , params = '', salt = '', sealed = ''] = sound.split('$');
  const rewrite = (from: string, to: string) => sound.replace(from, to);

  it.each([
    ['nothing', ''],
    ['the password itself', PASSWORD],
    ['another scheme', rewrite('pbkdf2c-sha256', 'pbkdf2-sha256')],
    ['a scheme in capitals', rewrite('pbkdf2c-sha256', 'PBKDF2C-SHA256')],
    ['bcrypt', '$2b$12$bIRGj4QPPoSUMWsJE.4Pk.T1qTpDWz7HhMnuiQhGzGinKPsx/HQdq'],
    ['passwap PBKDF2', '$pbkdf2-sha256$12$cmFuZG9t$OFvEcLOIPFd/oq8egf10i.qJLI7A8nDjPLnolCWarQY'],
    ['a cost that was raised after sealing', rewrite('i=1000', 'i=1001')],
    ['a cost that was lowered after sealing', rewrite('i=1000', 'i=1')],
    ['a link that was changed after sealing', rewrite('c=1000', 'c=999')],
    ['a number with a leading zero', rewrite('i=1000', 'i=01000')],
    ['a number with an exponent', rewrite('i=1000', 'i=1e3')],
    ['a hexadecimal number', rewrite('i=1000', 'i=0x3e8')],
    ['no cost', rewrite('i=1000,', '')],
    ['no pepper id', rewrite(',k=p1', '')],
    ['an empty pepper id', rewrite('k=p1', 'k=')],
    ['a pepper id that is a property of every object', rewrite('k=p1', 'k=constructor')],
    ['a pepper id of 33 characters', rewrite('k=p1', `k=${'p'.repeat(33)}`)],
    ['parameters in another order', rewrite(params, 'c=1000,i=1000,k=p1')],
    ['a parameter given twice', rewrite('i=1000', 'i=1000,i=1000')],
    ['a salt of 7 bytes', rewrite(salt, salt.slice(0, 10))],
    ['a salt of 65 bytes', rewrite(salt, 'A'.repeat(87))],
    ['a salt that is not base64', rewrite(salt, `${salt.slice(0, 21)}!`)],
    ['a salt with padding', rewrite(salt, `${salt}==`)],
    ['a seal that is not base64', rewrite(sealed, `${sealed.slice(0, 79)}-`)],
    ['a seal cut short', rewrite(sealed, sealed.slice(0, 76))],
    ['a seal too long', rewrite(sealed, `${sealed}AAAA`)],
    ['a seal with another first byte', rewrite(sealed, flip(sealed, 0))],
    ['a seal with another last byte', rewrite(sealed, flip(sealed, 79))],
    ['an empty seal', rewrite(sealed, '')],
    ['a line break behind', `${sound}\n`],
    ['a blank before', ` ${sound}`],
    ['another field behind', `${sound}$`],
    ['a NUL inside', rewrite('p1', 'p1\0')],
  ])('%s', async (_, stored) => {
    expect(stored).not.toBe(sound);
    expect(await verify(stored)).toEqual({ verdict: 'unsupported', links: 0 });
  });

  const foreign = readVectors<{ readonly accept: Readonly<Record<string, string>> }>(
    'passwap_mcf_phc.json',
  );

  it.skipIf(foreign === null)('the hashes of other schemes that passwap publishes', async () => {
    for (const [scheme, stored] of Object.entries(foreign?.accept ?? {})) {
      const verdict = await verify(stored, OWNER, tools, 'password');
      expect(verdict, scheme).toEqual({ verdict: 'unsupported', links: 0 });
    }
  });

  it('but the sound hash is', async () => {
    expect(await verify(sound)).toEqual({ verdict: 'match-stale', links: 1 });
  });
});

it('spends for nobody what it spends for somebody', async () => {
  const before = countDerivations();
  await spendPbkdf2c(PASSWORD, tools);
  expect(countDerivations() - before).toBe(LINKS);
});

function flip(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
