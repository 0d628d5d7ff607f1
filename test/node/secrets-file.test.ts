// The file of the secrets: what is not changed stays, nobody else may read it, and nothing of it is told.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatSecrets } from '../../src/node/environment.ts';
import { rotateKeys } from '../../src/node/rotation.ts';
import { makeSecrets } from '../../src/node/secrets.ts';
import { readSecretsFile, writeSecretsFile } from '../../src/node/secrets-file.ts';

const SECRETS = makeSecrets();

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-secrets-'));
  path = join(folder, 'secrets');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function rotate(): Promise<string> {
  const file = await readSecretsFile(path);
  await writeSecretsFile(file, rotateKeys(file.values, 'pepper', Date.now()));
  return readFileSync(path, 'utf8');
}

describe('a file of lines', () => {
  it('keeps its comments, its order and every other line', async () => {
    const text = `# first\n${formatSecrets({ ...SECRETS, OTHER: 'a # b' })}\nPLAIN=text # said\n# last`;
    writeFileSync(path, text);
    const lines = (await rotate()).split('\n');
    const before = text.split('\n');
    expect(lines).toHaveLength(before.length);
    const changed = lines.filter((line, index) => line !== before[index]);
    expect(changed).toEqual([expect.stringMatching(/^PEPPER_KEYS='[^']+'$/)]);
  });

  it.each([
    ['double quotes', (value: string) => `  export  PEPPER_KEYS = "${value}"`],
    ['no quotes', (value: string) => `PEPPER_KEYS=${value}`],
  ])('may have %s', async (_, write) => {
    const { PEPPER_KEYS, ...others } = SECRETS;
    writeFileSync(path, `${formatSecrets(others)}${write(PEPPER_KEYS)}\n`);
    const rotated = parseEnv(await rotate())['PEPPER_KEYS'];
    expect(rotated?.split(',')).toHaveLength(3);
    expect(rotated?.startsWith(PEPPER_KEYS.split(',')[1] ?? '')).toBe(true);
  });

  it.each([
    [
      'a variable given twice',
      `${formatSecrets({ ...SECRETS })}PEPPER_KEYS='${SECRETS.PEPPER_KEYS}'\n`,
    ],
    [
      'a variable over two lines',
      formatSecrets({ ...SECRETS, PEPPER_KEYS: SECRETS.PEPPER_KEYS.replace(',', ',\n') }),
    ],
  ])('with %s is refused, and stays as it was', async (_, text) => {
    writeFileSync(path, text);
    await expect(rotate()).rejects.toThrow('on one line of its own');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

it('a file of JSON keeps every other member', async () => {
  const others = { ADMIN_KEY: SECRETS.ADMIN_KEY, MORE: 'more' };
  writeFileSync(path, JSON.stringify({ ...others, ...SECRETS }));
  const { PEPPER_KEYS, ...rest } = JSON.parse(await rotate());
  const { PEPPER_KEYS: _, ...same } = SECRETS;
  expect(rest).toEqual({ ...others, ...same });
  expect(PEPPER_KEYS.split(',')).toHaveLength(3);
});

it('is its owner’s alone afterwards, and leaves no draft', async () => {
  writeFileSync(path, JSON.stringify(SECRETS), { mode: 0o644 });
  await rotate();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['secrets']);
});

it('is not written over what somebody else wrote meanwhile', async () => {
  writeFileSync(path, JSON.stringify(SECRETS));
  const file = await readSecretsFile(path);
  writeFileSync(path, JSON.stringify(makeSecrets()));
  const other = readFileSync(path, 'utf8');
  await expect(writeSecretsFile(file, rotateKeys(file.values, 'mac', Date.now()))).rejects.toThrow(
    'changed meanwhile',
  );
  expect(readFileSync(path, 'utf8')).toBe(other);
});

describe('is refused, and nothing of it told, when', () => {
  const [first, second] = JSON.parse(SECRETS.SIGNING_JWKS).keys;
  it.each([
    ['it is not there', null, 'There are no secrets'],
    ['it is no JSON', `{"PEPPER_KEYS": "${SECRETS.PEPPER_KEYS}"`, 'is not JSON'],
    ['a variable is missing', formatSecrets({ ...SECRETS, MAC_KEYS: '' }), 'MAC_KEYS: missing'],
    ['a key is short', formatSecrets({ ...SECRETS, CHAIN_KEYS: 'c1=c2hvcnQ=' }), 'CHAIN_KEYS: '],
    [
      'the next key is lost',
      formatSecrets({ ...SECRETS, PEPPER_KEYS: SECRETS.PEPPER_KEYS.split(',')[0] ?? '' }),
      'PEPPER_KEYS: has no next key',
    ],
    [
      'a signing key is two',
      JSON.stringify({
        ...SECRETS,
        SIGNING_JWKS: JSON.stringify({ keys: [{ ...first, d: second.d }, second] }),
      }),
      'SIGNING_JWKS: holds a key whose x, y and d do not belong together',
    ],
  ])('%s', async (_, text, told) => {
    if (text !== null) writeFileSync(path, text);
    const error = await readSecretsFile(path).catch((reason: unknown) => reason);
    expect(String(error)).toContain(told);
    const secrets = text?.match(/[\w+/-]{40,}/g) ?? [];
    for (const secret of secrets) expect(String(error)).not.toContain(secret);
  });
});
