// openauth's password hashers by themselves, on Node: what it would hash with, whatever is built around it.
import { join } from 'node:path';
import { REPOSITORY } from '../bundle.ts';
import { get } from '../calls.ts';
import { readResidentMegabytes } from '../processor.ts';
import { measureInstall, readVersion } from './install-size.ts';
import { type Peer, takeStart, targetHttp } from './peer.ts';
import { findPrintedUrl, isAnsweredOk, type StartedServer, startProcess } from './process.ts';

const PROJECT = join(REPOSITORY, 'bench');
const PACKAGE = '@openauthjs/openauth';

type Hasher = 'scrypt' | 'pbkdf2';

/** Both are its defaults. */
const HASHERS: Readonly<Record<Hasher, { readonly name: string; readonly hash: string }>> = {
  scrypt: { name: 'openauth ScryptHasher (Node)', hash: 'scrypt, N 16,384, r 8, p 1 (16 MiB)' },
  pbkdf2: {
    name: 'openauth PBKDF2Hasher (Node)',
    hash: 'PBKDF2-SHA-256, 600,000 rounds in one call',
  },
};

export async function startOpenauth(hasher: Hasher): Promise<Peer> {
  const server = await startHasher(hasher);
  const verify = targetHttp(server, () => get('/verify'));
  return {
    ...HASHERS[hasher],
    storage: 'none: the hash alone',
    pace: 'slow',
    acts: { signIn: verify, change: targetHttp(server, () => get('/change')) },
    rawHash: null,
    bare: null,
    residentMegabytes: () => readResidentMegabytes(server.pid),
    startCold: async () => takeStart(startHasher(hasher)),
    version: readVersion(PROJECT, PACKAGE),
    installMegabytes: measureInstall(PROJECT, [PACKAGE]),
    stop: server.stop,
  };
}

async function startHasher(hasher: Hasher): Promise<StartedServer> {
  const folder = join(PROJECT, 'peers');
  return startProcess({
    command: process.execPath,
    args: [join(folder, 'openauth.ts'), hasher],
    folder,
    findUrl: findPrintedUrl,
    isAnswered: (url) => isAnsweredOk(`${url}/empty`),
  });
}
