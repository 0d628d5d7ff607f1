// npm run bridge, as an operator runs it before a deployed Worker.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { MESSAGE } from '../support/grpc-bridge.ts';
import { openGrpcClient } from '../support/grpc-client.ts';
import { findFreePort, isFree, until } from '../support/instance.ts';
import { startFakeWorker } from '../support/upstream.ts';

const COMMAND = resolve(import.meta.dirname, '../../src/node/bridge.ts');
const WORKER = 'https://rekey.example.com';

interface Running {
  readonly child: ChildProcess;
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<number | null>;
}

function run(variables: Readonly<Record<string, string>>): Running {
  const { UPSTREAM: _, HOST: __, TLS_CERT: ___, TLS_KEY: ____, ...env } = process.env;
  const child = spawn(process.execPath, [COMMAND], { env: { ...env, ...variables } });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  }
  const ended = new Promise<number | null>((done) => child.on('close', done));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, output: () => text, ended };
}

it('serves over TLS what its Worker answers, until Ctrl-C', async () => {
  const worker = await startFakeWorker();
  onTestFinished(worker.stop);
  const folder = mkdtempSync(join(tmpdir(), 'rekey-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { cert, key } = makeCertificate();
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  const port = await findFreePort();
  const bridge = run({
    UPSTREAM: worker.url.href,
    PORT: String(port),
    TLS_CERT: join(folder, 'cert.pem'),
    TLS_KEY: join(folder, 'key.pem'),
  });
  await until('ready', () => bridge.output().stdout.includes('Ready: '));
  expect(bridge.output().stdout).toContain(`https://127.0.0.1:${port}`);
  const client = openGrpcClient(`https://localhost:${port}`, { ca: cert });
  onTestFinished(client.close);
  expect(await client.call(MESSAGE)).toMatchObject({ status: '0', body: MESSAGE });

  bridge.child.kill('SIGINT');
  expect(await bridge.ended).toBe(0);
  expect(bridge.output().stderr).toBe('');
  expect(await isFree(port)).toBe(true);
});

it.each([
  ['no address of a Worker', {}, /^UPSTREAM must be /],
  ['what is no address', { UPSTREAM: 'rekey' }, /^UPSTREAM must be /],
  ['a path', { UPSTREAM: `${WORKER}/v2` }, /^UPSTREAM must be /],
  ['cleartext to another machine', { UPSTREAM: 'http://rekey.example.com' }, /^UPSTREAM must be /],
  ['another protocol', { UPSTREAM: 'file:///etc' }, /^UPSTREAM must be /],
  ['a port that is none', { UPSTREAM: WORKER, PORT: '65536' }, /^PORT must be /],
  ['a certificate without its key', { UPSTREAM: WORKER, TLS_CERT: 'a.pem' }, /^TLS_CERT and /],
  [
    'files that are not there',
    { UPSTREAM: WORKER, TLS_CERT: 'no.pem', TLS_KEY: 'no.pem' },
    /no\.pem/,
  ],
  [
    'files that are no PEM',
    { UPSTREAM: WORKER, TLS_CERT: COMMAND, TLS_KEY: COMMAND },
    /^TLS_CERT and TLS_KEY must /,
  ],
])('refuses %s in one line', async (_, variables, line) => {
  const bridge = run(variables);
  expect(await bridge.ended).toBe(1);
  const { stdout, stderr } = bridge.output();
  expect(stdout).toBe('');
  expect(stderr).toMatch(line);
  expect(stderr.trim().split('\n').length).toBe(1);
});
