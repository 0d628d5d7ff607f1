// The published JWS vectors: the pinned library judges them as they ask, and none of them is a token of ours.
import { compactVerify, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../src/core/keyring.ts';
import { verifyAccessToken } from '../../src/core/token.ts';
import { makeKeySecrets } from '../support/secrets.ts';
import { context } from '../support/tokens.ts';
import { readVectors } from '../support/vectors.ts';

interface Group {
  readonly comment: string;
  readonly private: JWK & { readonly keys?: readonly JWK[] };
  readonly public?: JWK & { readonly keys?: readonly JWK[] };
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    /** Missing in the vectors of encryption, of which we have none. */
    readonly jws?: string | object;
    readonly result: 'valid' | 'invalid';
  }[];
}

const WYCHEPROOF = [
  'wycheproof_json_web_signature_test.json',
  'wycheproof_json_web_crypto_test.json',
  'wycheproof_json_web_key_test.json',
] as const;

/** Groups that do not ask what we ask of the library. */
const LEFT_OUT = new Set([
  // Blanks, padding and foreign characters inside base64url, which the library reads past: ours to refuse
  // (token-refusals.test.ts).
  'base64',
  // A weak RSA key. We have no RSA keys, and import none that a token brings along.
  'jws_rsa_roca_key',
  // The group says PS256 of a token that is PS384, and ES521, which is no algorithm, of one that is ES512.
  'rfc7520',
  'rfc7520WithKeyOps',
]);

describe.each(WYCHEPROOF)('%s', (file) => {
  const published = readVectors<{ readonly testGroups: readonly Group[] }>(file);
  const groups = published?.testGroups ?? [];

  it.skipIf(published === null)(
    'holds no token of ours, not even under a key of its own',
    async () => {
      const tokens = groups.flatMap((group) => group.tests.map(({ jws }) => ({ group, jws })));
      expect(tokens.length).toBeGreaterThan(20);
      for (const { group, jws } of tokens) {
        if (jws === undefined) continue;
        const by = { ...context, keyring: keyringOf(group) };
        expect(await verifyAccessToken(by, toText(jws)), toText(jws)).toBeNull();
      }
    },
  );

  it.skipIf(published === null)('is judged by the pinned library as it asks', async () => {
    const judged = { valid: 0, invalid: 0 };
    for (const group of groups) {
      const key = group.public ?? group.private;
      // A set of keys: we choose the key by its kid before the library sees it.
      if (key.keys !== undefined || LEFT_OUT.has(group.comment)) continue;
      for (const test of group.tests) {
        if (test.jws === undefined) continue;
        const result = await judge(toText(test.jws), key);
        expect(result, `${group.comment} ${test.tcId} ${test.comment}`).toBe(test.result);
        judged[result] += 1;
      }
    }
    if (file !== 'wycheproof_json_web_key_test.json') {
      expect(judged.valid).toBeGreaterThan(2);
      expect(judged.invalid).toBeGreaterThan(40);
    }
  });
});

function keyringOf(group: Group) {
  const jwk = group.private;
  const isLikeOurs = jwk.alg === 'ES256' && jwk.crv === 'P-256' && jwk.d !== undefined;
  return isLikeOurs ? createKeyring(makeKeySecrets({ signingKeys: [jwk] })) : context.keyring;
}

function toText(jws: string | object): string {
  return typeof jws === 'string' ? jws : JSON.stringify(jws);
}

async function judge(jws: string, key: JWK): Promise<'valid' | 'invalid'> {
  try {
    await compactVerify(jws, key, { algorithms: [key.alg ?? ''] });
    return 'valid';
  } catch {
    return 'invalid';
  }
}

describe('RFC 7515 appendix A', () => {
  // A.5, as the document has it.
  const UNSECURED =
    'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.';

  it('has an unsecured token that neither we nor the library take', async () => {
    expect(await verifyAccessToken(context, UNSECURED)).toBeNull();
    const key: JWK = { kty: 'oct', k: Buffer.alloc(32).toString('base64url') };
    expect(await judge(UNSECURED, { ...key, alg: 'none' })).toBe('invalid');
    expect(await judge(UNSECURED, { ...key, alg: 'HS256' })).toBe('invalid');
  });

  const published = readVectors<{
    readonly A1: { readonly k: string; readonly jws: string };
    readonly A5_unsecured: string;
  }>('rfc7515_appendixA.json');

  it.skipIf(published === null)('is the same beside the repository', () => {
    expect(published?.A5_unsecured).toBe(UNSECURED);
  });

  it.skipIf(published === null)(
    'has an HS256 token that the library takes and we do not',
    async () => {
      const { k = '', jws = '' } = published?.A1 ?? {};
      expect(await judge(jws, { kty: 'oct', k, alg: 'HS256' })).toBe('valid');
      expect(await verifyAccessToken(context, jws)).toBeNull();
    },
  );
});

interface Recipe {
  readonly input: { readonly key: JWK | readonly JWK[]; readonly alg: string | readonly string[] };
  readonly output: {
    readonly compact?: string;
    readonly json?: object;
    readonly json_flat?: object;
  };
}

/** A token in the compact form with its payload in it, which is all that we ask of the library. */
const COMPACT = [
  'jws_4_1.rsa_v15_signature.json',
  'jws_4_2.rsa-pss_signature.json',
  'jws_4_3.ecdsa_signature.json',
  'jws_4_4.hmac-sha2_integrity_protection.json',
  'curve25519_jws.json',
];
/** Detached payloads, unencoded ones, and the JSON forms alone. */
const OTHERS = [
  'jws_4_5.signature_with_detached_content.json',
  'jws_4_6.protecting_specific_header_fields.json',
  'jws_4_7.protecting_content_only.json',
  'jws_4_8.multiple_signatures.json',
  'rfc7797_4.2.hmac-sha2_b64_false.json',
  'rfc7797_hmac-sha2_b64_false.json',
];

const readRecipe = (file: string) => readVectors<Recipe>(`jose-cookbook/${file}`);

describe.each([...COMPACT, ...OTHERS])('the JOSE cookbook: %s', (file) => {
  const recipe = readRecipe(file);

  it.skipIf(recipe === null)('holds no token of ours', async () => {
    const forms = Object.values(recipe?.output ?? {});
    expect(forms.length).toBeGreaterThan(0);
    for (const form of forms) {
      expect(await verifyAccessToken(context, toText(form))).toBeNull();
    }
  });
});

describe.each(COMPACT)('the JOSE cookbook: %s', (file) => {
  const recipe = readRecipe(file);

  it.skipIf(recipe === null)('is taken by the library', async () => {
    const { key, alg } = recipe?.input ?? { key: {}, alg: '' };
    const publicKey = { ...key, alg: String(alg) } as JWK;
    delete publicKey.d;
    expect(await judge(recipe?.output.compact ?? '', publicKey)).toBe('valid');
  });
});
