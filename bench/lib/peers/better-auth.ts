// better-auth, on Node and on Workers: sign-in by address and change-password, with its own hash and with none.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundlePeer, REPOSITORY } from '../bundle.ts';
import { get, pick } from '../calls.ts';
import { startMiniflare } from '../miniflare.ts';
import { readResidentMegabytes } from '../processor.ts';
import { type Server, startWorkerd } from '../workerd.ts';
import { measureInstall, readVersion } from './install-size.ts';
import {
  type Acts,
  type Peer,
  readWorkerdMegabytes,
  stopAll,
  takeStart,
  targetHttp,
  USERS,
} from './peer.ts';
import { findPrintedUrl, isAnsweredOk, type StartedServer, startProcess } from './process.ts';

const PROJECT = join(REPOSITORY, 'bench');
const SERVERS = join(PROJECT, 'peers');
const HASH = 'scrypt, N 16,384, r 16, p 1 (32 MiB)';
/** It answers there without asking for anything. */
const OK_PATH = '/api/auth/ok';

type Hash = 'scrypt' | 'none';

interface Account {
  readonly email: string;
  readonly cookie: string;
  password: string;
  otherPassword: string;
}

export async function startBetterAuthOnNode(): Promise<Peer> {
  const [server, bare] = [await startOnNode('scrypt'), await startOnNode('none')];
  return {
    ...(await describe(server, bare)),
    name: 'better-auth (Node)',
    storage: 'SQLite in the process',
    residentMegabytes: () => readResidentMegabytes(server.pid),
    startCold: async () => takeStart(startOnNode('scrypt')),
  };
}

export async function startBetterAuthOnWorkers(): Promise<Peer> {
  const [server, bare] = [await startOnWorkers('scrypt'), await startOnWorkers('none')];
  return {
    ...(await describe(server, bare)),
    name: 'better-auth (workerd)',
    storage: "miniflare's D1, over a socket",
    residentMegabytes: () => readWorkerdMegabytes(server.pid),
    startCold: async () => takeStart(startOnBareWorkerd()),
  };
}

async function describe(server: Server, bare: Server) {
  return {
    hash: HASH,
    pace: 'slow' as const,
    acts: await makeActs(server),
    rawHash: targetHttp(server, () => get('/hash')),
    bare: await makeActs(bare),
    version: readVersion(PROJECT, 'better-auth'),
    installMegabytes: measureInstall(PROJECT, ['better-auth']),
    stop: async () => stopAll([server, bare]),
  };
}

async function startOnNode(hash: Hash): Promise<StartedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-better-auth-'));
  const server = await startProcess({
    command: process.execPath,
    args: [join(SERVERS, 'better-auth.ts'), folder, hash],
    folder,
    findUrl: findPrintedUrl,
    isAnswered: (url) => isAnsweredOk(`${url}${OK_PATH}`),
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

async function startOnWorkers(hash: Hash): Promise<Server> {
  const schema = join(SERVERS, 'better-auth-schema.ts');
  const printed = await promisify(execFile)(process.execPath, [schema]);
  return startMiniflare({
    bundle: await bundlePeer('better-auth.toml'),
    texts: makeTexts(hash),
    databases: ['DB'],
    schema: printed.stdout,
  });
}

async function startOnBareWorkerd(): Promise<StartedServer> {
  return startWorkerd({
    bundle: await bundlePeer('better-auth.toml'),
    texts: makeTexts('scrypt'),
    path: OK_PATH,
  });
}

function makeTexts(hash: Hash) {
  return { SECRET: randomBytes(32).toString('hex'), HASH: hash };
}

async function makeActs(server: Server): Promise<Acts> {
  const accounts: Account[] = [];
  while (accounts.length < USERS) accounts.push(await signUp(server.url, accounts.length));
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) => ({
    method: 'POST',
    path: `/api/auth${path}`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return {
    signIn: targetHttp(server, (_, connection) => {
      const { email, password } = pick(accounts, connection);
      return post('/sign-in/email', { email, password });
    }),
    change: targetHttp(server, (_, connection) => {
      const account = pick(accounts, connection);
      const { password: currentPassword, otherPassword: newPassword, cookie } = account;
      Object.assign(account, { password: newPassword, otherPassword: currentPassword });
      const headers = { cookie, origin: server.url };
      return post('/change-password', { currentPassword, newPassword }, headers);
    }),
  };
}

/** Which signs in as well. */
async function signUp(url: string, index: number): Promise<Account> {
  const drawPassword = () => randomBytes(16).toString('base64url');
  const [email, password] = [`user-${index}@mail.example`, drawPassword()];
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    // It asks for one as soon as a client looks like a browser.
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password, name: `user-${index}` }),
  });
  if (!answer.ok) throw new Error(`no account: ${answer.status} ${await answer.text()}`);
  const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? [];
  return { email, cookie, password, otherPassword: drawPassword() };
}
