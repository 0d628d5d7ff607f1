// The secrets of a first start: of the shapes that the Worker wants, new each time, whole after a trip through .dev.vars.
import { parseEnv } from 'node:util';
import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { formatSecrets } from '../../src/node/environment.ts';
import { makeSecrets } from '../../src/node/secrets.ts';

const VARS = {
  ISSUER: 'http://127.0.0.1:8787',
  DATABASES: '*=DB',
  HOSTS: '*=DB',
  ORGS: '*=DB',
  DB: {},
};

it('makes secrets that the Worker takes', () => {
  const secrets = makeSecrets();
  const config = parseConfig({ ...VARS, ...secrets });
  expect(config.adminKey).toBe(secrets.ADMIN_KEY);
  const { peppers, macKeys, chainKeys } = config.secrets;
  for (const keys of [peppers, macKeys, chainKeys]) {
    expect(keys.map(({ key }) => key.length)).toEqual([32, 32]);
  }
  expect(config.secrets.signingKeys).toHaveLength(2);
});

it('makes an admin key of 256 random bits', () => {
  expect(Buffer.from(makeSecrets().ADMIN_KEY, 'base64url')).toHaveLength(32);
});

it('makes two private P-256 keys, the second ready to take over', () => {
  const { keys } = JSON.parse(makeSecrets().SIGNING_JWKS);
  for (const key of keys) {
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', d: expect.any(String) });
  }
  expect(keys[0].d).not.toBe(keys[1].d);
});

it('makes every secret anew each time', () => {
  const first = makeSecrets();
  for (const [name, value] of Object.entries(makeSecrets())) {
    expect(value).not.toBe(first[name as keyof typeof first]);
  }
});

it('writes secrets that a dotenv reader reads back as they were', () => {
  const secrets = { ...makeSecrets(), TIMING: 'on' };
  expect(parseEnv(formatSecrets(secrets))).toEqual(secrets);
});
