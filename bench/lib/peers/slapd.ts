// slapd of OpenLDAP, where it is installed: bind, and the password modify operation with old and new password.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../bundle.ts';
import { pick } from '../calls.ts';
import type { Load } from '../load.ts';
import { readResidentMegabytes } from '../processor.ts';
import { findFreePort, type Server } from '../workerd.ts';
import { type Peer, type Shape, type Target, takeStart, USERS } from './peer.ts';
import { type StartedServer, startProcess } from './process.ts';

/** Of bench/peers/ldap-client.ts. */
export interface LdapClient {
  readonly bind: (name: string, password: string) => Promise<void>;
  readonly add: (name: string, attributes: Record<string, string>) => Promise<void>;
  /** Whoever may write it gives no old one. */
  readonly changePassword: (
    name: string,
    newPassword: string,
    oldPassword?: string,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

type OpenLdap = (url: string) => Promise<LdapClient>;

interface Account {
  readonly name: string;
  password: string;
  otherPassword: string;
}

type Act = (client: LdapClient, account: Account) => Promise<void>;

/** As Debian lays them; /usr/sbin is not on everybody's path. */
const PROGRAM = '/usr/sbin/slapd';
const PACKAGES = '/usr/bin/dpkg-query';
const MODULES = '/usr/lib/ldap';
const SUFFIX = 'o=bench';
const ADMINISTRATOR = `cn=admin,${SUFFIX}`;

const KIBIBYTES = 1024;

/** The better of what is installed; without the module of slapd-contrib, what slapd does by itself. */
const HASHES = {
  pbkdf2: { scheme: '{PBKDF2-SHA256}', told: 'PBKDF2-SHA-256, 10,000 rounds' },
  ssha: { scheme: '{SSHA}', told: 'SHA-1 once, with a salt ({SSHA}, its default)' },
};

/** null: it is not installed. */
export async function startSlapd(): Promise<Peer | null> {
  if (!existsSync(PROGRAM)) return null;
  const openLdap = await importClient();
  const administratorPassword = randomBytes(16).toString('hex');
  const server = await startServer(openLdap, administratorPassword);
  const accounts = await makeAccounts(await openLdap(server.url), administratorPassword);
  const target = (act: Act) => targetLdap(server, openLdap, act, accounts);
  return {
    name: 'slapd (OpenLDAP)',
    hash: HASHES[findHash()].told,
    storage: 'LMDB in the process',
    pace: 'quick',
    acts: {
      signIn: target((client, { name, password }) => client.bind(name, password)),
      change: target(changePassword),
    },
    rawHash: null,
    bare: null,
    residentMegabytes: () => readResidentMegabytes(server.pid),
    startCold: async () => takeStart(startServer(openLdap, administratorPassword)),
    version: `slapd ${askPackages('Version')}`,
    installMegabytes: Number(askPackages('Installed-Size')) / KIBIBYTES,
    stop: server.stop,
  };
}

/** Its packages are installed for the benchmarks alone: nothing else must look for them, the types' check included. */
async function importClient(): Promise<OpenLdap> {
  const path = join(REPOSITORY, 'bench/peers/ldap-client.ts');
  const client = (await import(pathToFileURL(path).href)) as { readonly openLdap: OpenLdap };
  return client.openLdap;
}

async function startServer(
  openLdap: OpenLdap,
  administratorPassword: string,
): Promise<StartedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-slapd-'));
  const config = join(folder, 'slapd.conf');
  writeFileSync(config, writeConfig(folder, administratorPassword), { mode: 0o600 });
  const url = `ldap://127.0.0.1:${await findFreePort()}`;
  const server = await startProcess({
    command: PROGRAM,
    // -d keeps it in the foreground.
    args: ['-d', '0', '-h', url, '-f', config],
    folder,
    findUrl: () => url,
    isAnswered: (address) => isBound(openLdap, address, administratorPassword),
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

async function isBound(openLdap: OpenLdap, url: string, password: string): Promise<boolean> {
  const client = await openLdap(url);
  try {
    await client.bind(ADMINISTRATOR, password);
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

function findHash(): keyof typeof HASHES {
  return existsSync(join(MODULES, 'pw-pbkdf2.so')) ? 'pbkdf2' : 'ssha';
}

function writeConfig(folder: string, administratorPassword: string): string {
  const hash = findHash();
  return `include /etc/ldap/schema/core.schema
modulepath ${MODULES}
moduleload back_mdb
${hash === 'pbkdf2' ? 'moduleload pw-pbkdf2' : ''}
password-hash ${HASHES[hash].scheme}
database mdb
suffix ${SUFFIX}
rootdn ${ADMINISTRATOR}
rootpw ${administratorPassword}
directory ${folder}
access to attrs=userPassword by self write by anonymous auth by * none
`;
}

async function makeAccounts(client: LdapClient, administratorPassword: string) {
  const drawPassword = () => randomBytes(16).toString('base64url');
  await client.bind(ADMINISTRATOR, administratorPassword);
  await client.add(SUFFIX, { objectClass: 'organization', o: 'bench' });
  const accounts: Account[] = [];
  while (accounts.length < USERS) {
    const [name, password] = [`cn=user-${accounts.length},${SUFFIX}`, drawPassword()];
    await client.add(name, { objectClass: 'person', sn: 'user' });
    // It hashes what is changed so, and nothing that is added.
    await client.changePassword(name, password);
    accounts.push({ name, password, otherPassword: drawPassword() });
  }
  await client.close();
  return accounts;
}

async function changePassword(client: LdapClient, account: Account): Promise<void> {
  const { name, password, otherPassword } = account;
  await client.changePassword(name, otherPassword, password);
  Object.assign(account, { password: otherPassword, otherPassword: password });
}

/** As sendLoad does it: a fixed number, each connection one after the other, bound before the clock runs. */
function targetLdap(
  { url, pid }: Server,
  openLdap: OpenLdap,
  act: Act,
  accounts: readonly Account[],
): Target {
  const send = async ({ connections, requests }: Shape): Promise<Load> => {
    const clients = await Promise.all(
      Array.from({ length: connections }, async (_, connection) => {
        const client = await openLdap(url);
        const account = pick(accounts, connection);
        await client.bind(account.name, account.password);
        return { client, account };
      }),
    );
    const latencies: number[] = [];
    let next = 0;
    const startedAt = performance.now();
    const run = async ({ client, account }: { client: LdapClient; account: Account }) => {
      while (next < requests) {
        next += 1;
        const sentAt = performance.now();
        await act(client, account);
        latencies.push(performance.now() - sentAt);
      }
    };
    try {
      await Promise.all(clients.map(run));
      return { latencies, seconds: (performance.now() - startedAt) / 1000 };
    } finally {
      await Promise.all(clients.map(({ client }) => client.close()));
    }
  };
  return { pid, load: (shape) => () => send(shape) };
}

/** Of Debian, which counts its files without the libraries that it shares, in KiB. */
function askPackages(field: 'Version' | 'Installed-Size'): string {
  const args = ['-W', '-f', `\${${field}}`, 'slapd'];
  return execFileSync(PACKAGES, args, { encoding: 'utf8' });
}
