// The keys of a deployment: what is published of them, and that no purpose sees another's output.
import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { createKeyring, type MacPurpose } from '../../src/core/keyring.ts';
import { RETIRED_LIFE } from '../../src/core/signing-keys.ts';
import { makeKeySecrets, makePepper, makeSigningJwk } from '../support/secrets.ts';
import { readVectors } from '../support/vectors.ts';

const NOW = 1_800_000_000_000;

describe('the public keys', () => {
  it('are all of them, in their order, with the public members and nothing else', async () => {
    const signingKeys = [makeSigningJwk(), makeSigningJwk()].map((jwk) => ({
      ...jwk,
      kid: 'chosen by hand',
      use: 'enc',
      key_ops: ['sign'],
      ext: true,
      note: 'internal',
    }));
    const published = await createKeyring(makeKeySecrets({ signingKeys })).publicKeys(NOW);
    expect(published).toHaveLength(2);
    for (const [index, jwk] of published.entries()) {
      expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' });
      expect(jwk.x).toBe(signingKeys[index]?.x);
      expect(jwk.y).toBe(signingKeys[index]?.y);
    }
    const text = JSON.stringify(published);
    for (const { d } of signingKeys) expect(text).not.toContain(d);
  });

  it('bear their RFC 7638 thumbprint as kid', async () => {
    const [published] = await createKeyring(makeKeySecrets()).publicKeys(NOW);
    // Section 3.2: the required members of an EC key, in the order of their names.
    const members = JSON.stringify({
      crv: 'P-256',
      kty: 'EC',
      x: published?.x,
      y: published?.y,
    });
    expect(published?.kid).toBe(createHash('sha256').update(members).digest('base64url'));
  });

  it('may be of a key that is public only', async () => {
    const { kty, crv, x, y } = makeSigningJwk();
    const next = { kty, crv, x, y } as JWK;
    const keyring = createKeyring(makeKeySecrets({ signingKeys: [makeSigningJwk(), next] }));
    const published = await keyring.publicKeys(NOW);
    expect(published[1]?.x).toBe(x);
    expect(await keyring.verificationKey(published[1]?.kid ?? '', NOW)).not.toBeNull();
  });

  interface Thumbprint {
    readonly jwk: JWK;
    readonly thumbprint_sha256: string;
  }
  const published = readVectors<Thumbprint>('rfc7638_thumbprint.json');

  it.skipIf(published === null)('have the thumbprint of RFC 7638 section 3.1', async () => {
    expect(await calculateJwkThumbprint(published?.jwk ?? {})).toBe(published?.thumbprint_sha256);
  });
});

describe('the signing key', () => {
  it('is the first, and verifies under its kid', async () => {
    const keyring = createKeyring(makeKeySecrets());
    const [first] = await keyring.publicKeys(NOW);
    const { kid, key } = await keyring.signingKey();
    expect(kid).toBe(first?.kid);
    expect(key).toMatchObject({ type: 'private', extractable: false, usages: ['sign'] });
    expect(await keyring.verificationKey(kid, NOW)).toMatchObject({ type: 'public' });
  });

  it.each(['', 'constructor', '__proto__', '../../etc/passwd', "' OR 1=1--", 'x'.repeat(10_240)])(
    'is not found by the kid %j',
    async (kid) => {
      expect(await createKeyring(makeKeySecrets()).verificationKey(kid, NOW)).toBeNull();
    },
  );

  it('verifies after it has retired for as long as its tokens live, and is published so long', async () => {
    const at = NOW - RETIRED_LIFE;
    const { d: _, ...publicHalf } = makeSigningJwk();
    const signingKeys = [
      makeSigningJwk(),
      makeSigningJwk(),
      { ...publicHalf, retired_at: at / 1000 },
    ];
    const keyring = createKeyring(makeKeySecrets({ signingKeys }));
    const [, , retired] = await keyring.publicKeys(NOW - 1);
    const kid = retired?.kid ?? '';
    expect(JSON.stringify(retired)).not.toContain('retired_at');
    expect(await keyring.verificationKey(kid, NOW - 1)).not.toBeNull();
    expect(await keyring.verificationKey(kid, NOW)).toBeNull();
    expect(await keyring.publicKeys(NOW)).toHaveLength(2);
  });

  it('whose halves do not fit is found before it signs', async () => {
    const bad = { ...makeSigningJwk(), d: makeSigningJwk().d ?? '' };
    for (const signingKeys of [[bad], [makeSigningJwk(), bad]]) {
      await expect(createKeyring(makeKeySecrets({ signingKeys })).prove()).rejects.toThrow();
    }
    await expect(createKeyring(makeKeySecrets()).prove()).resolves.toBeUndefined();
  });

  it('whose halves do not fit is found where the platform does not look, too', async () => {
    const [one, other] = [makeSigningJwk(), makeSigningJwk()];
    const { importKey } = crypto.subtle;
    const importing = vi.spyOn(crypto.subtle, 'importKey');
    const importOther = (...given: unknown[]) => {
      const [format, jwk, ...rest] = given as [string, JWK, ...unknown[]];
      const half = jwk.d === undefined ? jwk : other;
      return Reflect.apply(importKey, crypto.subtle, [format, half, ...rest]);
    };
    importing.mockImplementation(importOther as never);
    const prove = (jwk: JWK) => createKeyring(makeKeySecrets({ signingKeys: [jwk] })).prove();
    await expect(prove({ ...one, d: other.d ?? '' })).rejects.toThrow('do not fit');
    await expect(prove(other)).resolves.toBeUndefined();
    importing.mockRestore();
  });

  it('is imported once', async () => {
    const keyring = createKeyring(makeKeySecrets());
    const [first, second] = await Promise.all([keyring.signingKey(), keyring.signingKey()]);
    expect(second.key).toBe(first.key);
  });

  it('is not imported again later, nor is any other key', async () => {
    const keyring = createKeyring(makeKeySecrets());
    const use = async () => {
      await keyring.signingKey();
      await keyring.mac('code', 'a');
      await keyring.chain.seal('event', 'a');
      for (const { active } of [keyring.pepper, ...Object.values(keyring.seals)]) await active();
    };
    await use();
    const importing = vi.spyOn(crypto.subtle, 'importKey');
    await use();
    expect(importing).not.toHaveBeenCalled();
    importing.mockRestore();
  });

  it('that is missing is found before anything is served', async () => {
    const { d: _, ...publicHalf } = makeSigningJwk();
    const keyring = createKeyring(makeKeySecrets({ signingKeys: [publicHalf] }));
    await expect(keyring.prove()).rejects.toThrow();
  });

  it('that cannot be imported is an error each time, not a missing key', async () => {
    const bad = { ...makeSigningJwk(), y: makeSigningJwk().y ?? '' };
    const keyring = createKeyring(makeKeySecrets({ signingKeys: [bad] }));
    await expect(keyring.signingKey()).rejects.toThrow();
    await expect(keyring.verificationKey('any', NOW)).rejects.toThrow();
  });
});

describe('the pepper', () => {
  it('that seals is the first, and every other opens', async () => {
    const peppers = [makePepper('p2'), makePepper('p1')];
    const { pepper } = createKeyring(makeKeySecrets({ peppers }));
    const active = await pepper.active();
    expect(active.id).toBe('p2');
    expect(active.key).toMatchObject({ type: 'secret', extractable: false });
    expect(await pepper.find('p2')).toBe(active.key);
    expect(await pepper.find('p1')).not.toBeNull();
  });

  it.each(['', 'p3', 'P1', 'constructor', '__proto__'])('is not found by the id %j', async (id) => {
    expect(await createKeyring(makeKeySecrets()).pepper.find(id)).toBeNull();
  });

  it('cannot be taken out, nor can what is derived from it', async () => {
    const { pepper, seals } = createKeyring(makeKeySecrets());
    for (const { active } of [pepper, ...Object.values(seals)]) {
      const { key } = await active();
      expect(key).toMatchObject({ type: 'secret', extractable: false });
      expect(key.usages.toSorted()).toEqual(['decrypt', 'encrypt']);
    }
  });

  it('gives each purpose a key of its own, the same in every version of ours', async () => {
    const pepper = makePepper('p1');
    const { seals } = createKeyring(makeKeySecrets({ peppers: [pepper] }));
    for (const purpose of ['message', 'webhook-secret'] as const) {
      const { key } = await seals[purpose].active();
      const iv = new Uint8Array(12);
      const text = new TextEncoder().encode('sealed');
      const sealed = Buffer.from(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text));
      const derived = new Uint8Array(hkdfSync('sha256', pepper.key, '', purpose, 32));
      const decipher = createDecipheriv('aes-256-gcm', derived, iv);
      decipher.setAuthTag(sealed.subarray(-16));
      expect(decipher.update(sealed.subarray(0, -16), undefined, 'utf8')).toBe('sealed');
      decipher.final();
    }
  });

  it('cannot be missing', async () => {
    await expect(createKeyring(makeKeySecrets({ peppers: [] })).pepper.active()).rejects.toThrow();
  });
});

describe('the MAC', () => {
  const secrets = makeKeySecrets();
  const keyring = createKeyring(secrets);

  it('is HMAC-SHA-256 over the purpose and the parts', async () => {
    const expected = createHmac('sha256', secrets.macKeys[0]?.key ?? '')
      .update('["code","reset","user-1",7]')
      .digest('base64url');
    expect(await keyring.mac('code', 'reset', 'user-1', 7)).toBe(expected);
  });

  it('differs for every purpose', async () => {
    const purposes: MacPurpose[] = ['code', 'refresh-successor', 'throttle-subject', 'replay'];
    const macs = await Promise.all(purposes.map((purpose) => keyring.mac(purpose, 'same')));
    expect(new Set(macs).size).toBe(purposes.length);
  });

  it('differs for parts that join to the same text', async () => {
    const macs = await Promise.all([
      keyring.mac('code', 'ab', 'c'),
      keyring.mac('code', 'a', 'bc'),
      keyring.mac('code', 'abc'),
      keyring.mac('code', 'ab","c'),
      keyring.mac('code', 'ab', 'c', ''),
    ]);
    expect(new Set(macs).size).toBe(macs.length);
  });

  it('is under the active key, and under each by its id', async () => {
    const macKeys = [makePepper('m2'), makePepper('m3'), ...secrets.macKeys];
    const rotated = createKeyring({ ...secrets, macKeys });
    const macs = await rotated.macs('replay', 'same');
    expect(macs.map(({ keyId }) => keyId)).toEqual(['m2', 'm3', 'm1']);
    expect(rotated.macKeyId).toBe('m2');
    expect(await rotated.mac('replay', 'same')).toBe(macs[0]?.mac);
    expect(macs[2]?.mac).toBe(await keyring.mac('replay', 'same'));
  });

  it('of a throttle subject stays through a rotation: no budget begins anew', async () => {
    const [active] = secrets.macKeys;
    const [next, third] = [makePepper('m2'), makePepper('m3')];
    if (active === undefined) throw new Error('no key');
    const subjects = [[active], [active, next], [next, third, active]].map((macKeys) =>
      createKeyring({ ...secrets, macKeys }).mac('throttle-subject', 'ann'),
    );
    expect(new Set(await Promise.all(subjects)).size).toBe(1);
    const dropped = createKeyring({ ...secrets, macKeys: [next, third] });
    expect(await dropped.mac('throttle-subject', 'ann')).not.toBe(await subjects[0]);
  });

  it('and a seal of the audit are under keys that cannot be taken out', async () => {
    const importing = vi.spyOn(crypto.subtle, 'importKey');
    const fresh = createKeyring(secrets);
    await fresh.mac('code', 'a');
    await fresh.chain.seal('event', 'a');
    const made = await Promise.all(importing.mock.results.map(({ value }) => value as CryptoKey));
    importing.mockRestore();
    expect(made.map(({ type, extractable }) => [type, extractable])).toEqual([
      ['secret', false],
      ['secret', false],
    ]);
  });

  it('differs for a number and its text', async () => {
    expect(await keyring.mac('replay', 7)).not.toBe(await keyring.mac('replay', '7'));
  });
});
