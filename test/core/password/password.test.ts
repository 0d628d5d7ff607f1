// The password engine: verdicts and what each of them costs.
import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../../src/core/keyring.ts';
import { createPasswordEngine } from '../../../src/core/password/password.ts';
import type { Owner } from '../../../src/core/password/pbkdf2c.ts';
import { countDerivations, countIterations } from '../../support/iteration-cap.ts';
import { UNPACED } from '../../support/ports.ts';
import { type SealedHash, sealByHand } from '../../support/sealed-hash.ts';
import { makeKeySecrets, makePepper, platformRandom } from '../../support/secrets.ts';

const PASSWORD = 'caf\u00e9 au lait matin';
const DECOMPOSED = 'cafe\u0301 au lait matin';
const OWNER: Owner = { tenantId: 'tenant-1', userId: 'user-1' };
const PEPPER = makePepper('p1');
const LINKS = 6;

function openEngine(peppers = [PEPPER]) {
  const meter = { links: 0 };
  const spent = { rests: 0 };
  const keyring = createKeyring(makeKeySecrets({ peppers }));
  const engine = createPasswordEngine(keyring, platformRandom, {
    ...UNPACED,
    onLink: () => {
      meter.links += 1;
    },
    rest: async () => {
      spent.rests += 1;
    },
  });
  const verify = async (stored: string | null, password = PASSWORD, owner = OWNER) => {
    const before = countDerivations();
    const verdict = await engine.verify(stored, password, owner);
    return { verdict, links: countDerivations() - before };
  };
  return { engine, verify, meter, spent };
}

const SEALED: SealedHash = {
  password: PASSWORD,
  pepper: PEPPER,
  owner: OWNER,
  iterations: 600_000,
  perLink: 100_000,
};
const stored = sealByHand(SEALED);
const { engine, verify } = openEngine();

it('verifies what it hashed, in six links each, counted by the meter and with a rest between two', async () => {
  const { engine, verify, meter, spent } = openEngine();
  const hash = await engine.hash(PASSWORD, OWNER);
  expect(meter.links).toBe(LINKS);
  expect(spent.rests).toBe(LINKS - 1);
  expect(await verify(hash)).toEqual({ verdict: 'match', links: LINKS });
  expect(meter.links).toBe(2 * LINKS);
  expect(spent.rests).toBe(2 * (LINKS - 1));
});

it('makes another string of the same password each time', async () => {
  expect(await engine.hash(PASSWORD, OWNER)).not.toBe(await engine.hash(PASSWORD, OWNER));
});

describe('the text of a password', () => {
  it('may come in any canonically equivalent form', async () => {
    expect(DECOMPOSED).not.toBe(PASSWORD);
    expect((await verify(stored, DECOMPOSED)).verdict).toBe('match');
    const decomposed = await engine.hash(DECOMPOSED, OWNER);
    expect((await verify(decomposed)).verdict).toBe('match');
  });

  it.each([
    ['a trailing space', `${PASSWORD} `],
    ['another case', PASSWORD.toUpperCase()],
    ['no accent', 'cafe au lait matin'],
    ['a compatibility form', PASSWORD.replace('matin', '\uff4datin')],
    ['nothing', ''],
    ['the stored string itself', stored],
  ])('counts to the letter: refuses %s', async (_, guess) => {
    expect(await verify(stored, guess)).toEqual({ verdict: 'mismatch', links: LINKS });
  });

  it('is never truncated: two of 200 code points may differ in the last one', async () => {
    const long = '😀'.repeat(199);
    const hash = sealByHand({ ...SEALED, password: `${long}a` });
    expect((await verify(hash, `${long}a`)).verdict).toBe('match');
    expect((await verify(hash, `${long}b`)).verdict).toBe('mismatch');
  });
});

describe('what has no sound hash costs the same and never matches', () => {
  it('no hash at all', async () => {
    expect(await verify(null)).toEqual({ verdict: 'mismatch', links: LINKS });
  });

  const sealAt = (iterations: number, perLink: number) =>
    sealByHand({ ...SEALED, iterations, perLink, output: Buffer.alloc(32) });

  it.each([
    ['an unknown scheme', '$2b$12$bIRGj4QPPoSUMWsJE.4Pk.T1qTpDWz7HhMnuiQhGzGinKPsx/HQdq'],
    ['an empty string', ''],
    ['bad base64', `${stored.slice(0, -1)}!`],
    ['a billion iterations', sealAt(1_000_000_000, 100_000)],
    ['no iterations', sealAt(0, 100_000)],
    ['links of one iteration', sealAt(600_000, 1)],
    ['links above the cap', sealAt(600_000, 100_001)],
    ['a pepper that is not there', stored.replace('k=p1', 'k=p9')],
  ])('%s', async (_, hash) => {
    expect(await verify(hash)).toEqual({ verdict: 'unsupported', links: LINKS });
  });

  it.each([
    ['another user', { tenantId: 'tenant-1', userId: 'user-2' }],
    ['another tenant', { tenantId: 'tenant-2', userId: 'user-1' }],
  ])('a hash of %s', async (_, owner) => {
    expect(await verify(stored, PASSWORD, owner)).toEqual({ verdict: 'unsupported', links: LINKS });
  });

  it('a hash whose pepper has another key by now', async () => {
    const { verify } = openEngine([makePepper('p1')]);
    expect(await verify(stored)).toEqual({ verdict: 'unsupported', links: LINKS });
  });
});

describe('rotation of the pepper', () => {
  const next = makePepper('p2');

  it('leaves old hashes right but stale while the old pepper is listed', async () => {
    const { engine, verify } = openEngine([next, makePepper('p3'), PEPPER]);
    expect(await verify(stored)).toEqual({ verdict: 'match-stale', links: LINKS });
    expect((await verify(await engine.hash(PASSWORD, OWNER))).verdict).toBe('match');
  });

  it('ends old hashes when the old pepper is removed', async () => {
    const { verify } = openEngine([next]);
    expect(await verify(stored)).toEqual({ verdict: 'unsupported', links: LINKS });
  });

  it('lets the old deployment open hashes that the new one sealed', async () => {
    const { engine } = openEngine([next, makePepper('p3'), PEPPER]);
    const hash = await engine.hash(PASSWORD, OWNER);
    const { verify } = openEngine([PEPPER, next]);
    expect((await verify(hash)).verdict).toBe('match');
  });

  it('renews a hash whose pepper alone is old without a derivation', async () => {
    const { engine, verify } = openEngine([next, makePepper('p3'), PEPPER]);
    const before = countDerivations();
    const renewed = await engine.renew(stored, PASSWORD, OWNER);
    expect(countDerivations() - before).toBe(0);
    expect(renewed).toContain(',k=p2$');
    expect(await verify(renewed)).toEqual({ verdict: 'match', links: LINKS });
    expect((await verify(renewed, 'wrong')).verdict).toBe('mismatch');
  });

  it('reseals a hash without its password, for its owner alone', async () => {
    const { engine, verify } = openEngine([next, makePepper('p3'), PEPPER]);
    const resealed = (await engine.reseal(stored, OWNER)) ?? '';
    expect(resealed).toContain(',k=p2$');
    expect((await verify(resealed)).verdict).toBe('match');
    expect(await engine.reseal(resealed, OWNER)).toBe(resealed);
    expect(await engine.reseal(stored, { ...OWNER, userId: 'another' })).toBeNull();
    expect(await engine.reseal('$2b$12$of another scheme', OWNER)).toBeNull();
  });

  it('reseals nothing of the next pepper: a Worker that is behind leaves it', async () => {
    const { engine } = openEngine([makePepper('p0'), PEPPER]);
    expect(await engine.reseal(stored, OWNER)).toBe(stored);
  });
});

describe('a hash that another system made', () => {
  const salt = Buffer.from('salt of other systems');
  const output = pbkdf2Sync(PASSWORD, salt, 1000, 32, 'sha256');
  const made = `$pbkdf2-sha256$1000$${salt.toString('base64')}$${output.toString('base64')}`;
  const bcrypt = '$2b$12$bIRGj4QPPoSUMWsJE.4Pk.T1qTpDWz7HhMnuiQhGzGinKPsx/HQdq';

  it('is adopted when we can verify it, and stale from then on', async () => {
    expect(engine.canAdopt(made)).toBe(true);
    const adopted = await engine.adopt(made, OWNER);
    expect(await verify(adopted)).toMatchObject({ verdict: 'match-stale' });
    expect(await verify(adopted, 'wrong')).toMatchObject({ verdict: 'mismatch' });
    expect(await engine.isAdopted(adopted, made, OWNER)).toBe(true);
    expect(await engine.isAdopted(stored, made, OWNER)).toBe(false);
    expect(await engine.isAdopted(null, made, OWNER)).toBe(false);
  });

  it('is not adopted when it is of another scheme', async () => {
    expect(engine.canAdopt(bcrypt)).toBe(false);
    await expect(engine.adopt(bcrypt, OWNER)).rejects.toBeInstanceOf(RangeError);
    expect(await engine.isAdopted(stored, bcrypt, OWNER)).toBe(false);
  });
});

describe('a hash of a lower cost', () => {
  const cheap = sealByHand({ ...SEALED, iterations: 10_000, perLink: 10_000 });

  it('matches and is stale', async () => {
    expect((await verify(cheap)).verdict).toBe('match-stale');
  });

  it('is renewed at the current one', async () => {
    const renewed = await engine.renew(cheap, PASSWORD, OWNER);
    expect(renewed).toContain('$i=600000,c=100000,k=p1$');
    expect((await verify(renewed)).verdict).toBe('match');
  });

  it('is made anew from the password when there is nothing to be opened', async () => {
    for (const sealed of ['', stored.replace('k=p1', 'k=p9')]) {
      const renewed = await engine.renew(sealed, PASSWORD, OWNER);
      expect((await verify(renewed)).verdict).toBe('match');
    }
  });

  it.each([
    ['one short link', 10_000, 10_000],
    ['a whole link', 100_000, 100_000],
    ['as many links as ours, but short ones', 6, 1],
    ['twice as many', 12_000, 1000],
  ])(
    'of %s is no cheaper to guess at than an account that is not there',
    async (_, iterations, perLink) => {
      const imported = sealByHand({ ...SEALED, iterations, perLink });
      const before = countIterations();
      expect((await verify(imported, 'wrong')).verdict).toBe('mismatch');
      const wrong = countIterations() - before;
      await verify(null, 'wrong');
      expect(wrong).toBe(countIterations() - before - wrong);
    },
  );
});
