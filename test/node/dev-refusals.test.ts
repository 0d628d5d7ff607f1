// What stops npm start is said in one line on stderr, and the exit code is 1.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { formatSecrets } from '../../src/node/environment.ts';
import { makeSecrets } from '../../src/node/secrets.ts';
import { findFreePort, makeHome, run } from '../support/instance.ts';

const homes: string[] = [];

function newHome(): string {
  const home = makeHome();
  homes.push(home);
  return home;
}

afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

it.each([
  ['the port', 0],
  ['the port of the gRPC bridge', 1],
])('says that %s is in use', async (_, offset) => {
  const server = createServer();
  const port = await findFreePort();
  await new Promise<void>((done) => server.listen(port + offset, '127.0.0.1', done));
  const home = newHome();
  const { code, stderr } = await run('dev', home, port);
  server.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^Port ${port + offset} is in use.*\\n$`));
  expect(existsSync(join(home, '.dev.vars'))).toBe(false);
});

it.each(['65536', '65535', 'http'])('refuses PORT=%s', async (port) => {
  const { code, stderr } = await run('dev', newHome(), port);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^PORT must be .*\n$/);
});

it.each([
  ['a short secret', { ...makeSecrets(), MAC_KEYS: 'm1=c2hvcnQ=' }],
  ['a missing secret', { ...makeSecrets(), MAC_KEYS: '' }],
])('names the variable of %s', async (_, secrets) => {
  const home = newHome();
  writeFileSync(join(home, '.dev.vars'), formatSecrets(secrets));
  const { code, stdout, stderr } = await run('dev', home, await findFreePort());
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^Broken config: MAC_KEYS: .*\n$/);
});

it('says why wrangler died, and where its log is', async () => {
  const home = newHome();
  mkdirSync(join(home, '.wrangler/state'), { recursive: true });
  writeFileSync(join(home, '.wrangler/state/v3'), 'no folder');
  const { code, stderr } = await run('dev', home, await findFreePort());
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The tables could not be laid into DB: .+ \(log: .*wrangler\.log\)\n$/);
});
