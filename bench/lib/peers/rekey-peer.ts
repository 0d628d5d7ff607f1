// Rekey itself, measured in turn with what it is held beside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, wrapProduct } from '../bundle.ts';
import { changeOverRest, LINKS, pick, rawHash, signIn } from '../calls.ts';
import { type Rekey, startRekey, startRekeyBare } from '../rekey.ts';
import { measureInstall } from './install-size.ts';
import {
  type Acts,
  type Peer,
  readWorkerdMegabytes,
  stopAll,
  takeStart,
  targetHttp,
  USERS,
} from './peer.ts';

/** Each may come 25 times a second: without the hash there are many more. */
const KEYS = { hashed: 4, bare: 60 };

export async function startRekeyPeer(): Promise<Peer> {
  const hashing = await wrapProduct('hashing.js');
  const rekey = await startRekey({ bundle: hashing, users: USERS, apiKeys: KEYS.hashed });
  const unhashed = await wrapProduct('unhashed.js');
  const bare = await startRekey({ bundle: unhashed, users: USERS, apiKeys: KEYS.bare });
  return {
    name: 'Rekey (workerd)',
    hash: 'PBKDF2-SHA-256, 600,000 rounds in six links',
    storage: "miniflare's D1, over a socket",
    pace: 'slow',
    acts: makeActs(rekey),
    rawHash: targetHttp(rekey, () => rawHash(LINKS)),
    bare: makeActs(bare),
    residentMegabytes: () => readWorkerdMegabytes(rekey.pid),
    startCold: async () => takeStart(startRekeyBare()),
    version: 'Rekey of this commit',
    installMegabytes: measureInstall(REPOSITORY, listDependencies()),
    stop: async () => stopAll([rekey, bare]),
  };
}

function makeActs(rekey: Rekey): Acts {
  const { tenant } = rekey;
  return {
    signIn: targetHttp(rekey, (index, connection) =>
      signIn(tenant, index, pick(tenant.users, connection)),
    ),
    change: targetHttp(rekey, (_, connection) =>
      changeOverRest(tenant, pick(tenant.users, connection)),
    ),
  };
}

function listDependencies(): string[] {
  const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return Object.keys(manifest.dependencies);
}
