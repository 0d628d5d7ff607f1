// Rekey as it is deployed, with a tenant and its users: the subject of the benchmarks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScreening } from '../../src/core/screening/screening.ts';
import { randomSecret } from '../../src/node/demo.ts';
import { openOperator } from '../../src/node/operator.ts';
import { makeSecrets } from '../../src/node/secrets.ts';
import { type Bundle, bundleProduct, REPOSITORY } from './bundle.ts';
import { emailOf } from './calls.ts';
import { type MiniflareServer, startMiniflare } from './miniflare.ts';
import { startWorkerd } from './workerd.ts';

const BLOCKLIST = join(REPOSITORY, 'src/blocklist.bin');
const screening = createScreening(new Uint8Array(readFileSync(BLOCKLIST)));

export const SCHEMA = readFileSync(join(REPOSITORY, 'schema.sql'), 'utf8');

export interface User {
  readonly userId: string;
  /** As it is now: a change swaps it with the other. */
  password: string;
  otherPassword: string;
}

export interface Tenant {
  readonly orgId: string;
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
  readonly host: string;
  /** For `x-api-key`. Each may come fifty times at once, and 25 times a second. */
  readonly apiKeys: readonly string[];
  /** May write users. */
  readonly serviceToken: string;
  readonly users: readonly User[];
  /** A user of the role admin. */
  readonly admin: User;
}

export interface Rekey extends MiniflareServer {
  readonly adminKey: string;
  readonly tenant: Tenant;
}

export interface RekeyOptions {
  /** The production bundle when it is left out. */
  readonly bundle?: Bundle;
  /** Where the databases are kept; a folder that goes with the server when it is left out. */
  readonly folder?: string;
  readonly users: number;
  readonly apiKeys: number;
  /** Variables beside those that every deployment has, such as TIMING. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Lays more into the database, while nobody has it open. */
  readonly fill?: (folder: string, orgId: string) => void;
  readonly isInspected?: boolean;
}

/** The secrets and variables of a deployment with one database. */
export function makeTexts(): Readonly<Record<string, string>> & { readonly ADMIN_KEY: string } {
  const places = { DATABASES: '*=DB', HOSTS: '*=DB', ORGS: '*=DB' };
  return { ...makeSecrets(), ...places, ISSUER: 'http://127.0.0.1:8787', HASH_SEATS: '400' };
}

/** Without databases: for the routes that need none. */
export async function startRekeyBare(
  bundle?: Bundle,
  variables: Readonly<Record<string, string>> = {},
) {
  const texts = { ...makeTexts(), ...variables };
  const options = { texts, stubs: ['DB'], path: '/healthz' };
  return startWorkerd({ bundle: bundle ?? (await bundleProduct()), ...options });
}

/** On miniflare's D1. */
export async function startRekey(options: RekeyOptions): Promise<Rekey> {
  const texts = { ...makeTexts(), ...options.texts };
  const bundle = options.bundle ?? (await bundleProduct());
  const folder = options.folder === undefined ? {} : { folder: options.folder };
  const { isInspected = false } = options;
  const served = { bundle, texts, databases: ['DB'], schema: SCHEMA, isInspected };
  const start = () => startMiniflare({ ...served, ...folder });
  const server = await start();
  let tenant: Tenant;
  try {
    tenant = await makeTenant(server.url, texts.ADMIN_KEY, options);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const rekey = { adminKey: texts.ADMIN_KEY, tenant };
  if (options.fill === undefined || options.folder === undefined) return { ...server, ...rekey };
  await server.stop();
  options.fill(options.folder, tenant.orgId);
  return { ...(await start()), ...rekey };
}

async function makeTenant(url: string, adminKey: string, wanted: RekeyOptions): Promise<Tenant> {
  const operator = openOperator(url, adminKey, new AbortController().signal);
  const name = randomSecret().toLowerCase();
  const tenancy = { clientId: name, clientCode: randomSecret(), database: name };
  // No name of a host begins or ends with what base64url writes beside letters and digits.
  const host = `${name.replaceAll(/[-_]/g, 'x')}.localhost`;
  const orgId = await operator.createTenant({ name, ...tenancy, hosts: [host], settings: {} });
  const apiKeys: string[] = [];
  while (apiKeys.length < wanted.apiKeys) {
    apiKeys.push(await operator.createKey(orgId, `key-${apiKeys.length}`, ['signin']));
  }
  const serviceToken = await operator.createKey(orgId, 'service', ['user.read', 'user.write']);
  const makeUser = async (userId: string, role: 'user' | 'admin'): Promise<User> => {
    const password = await drawPassword();
    const email = emailOf(userId);
    await operator.createUser(orgId, { userId, username: userId, email, role, password });
    return { userId, password, otherPassword: await drawPassword() };
  };
  const users: User[] = [];
  while (users.length < wanted.users) users.push(await makeUser(`user-${users.length}`, 'user'));
  const admin = await makeUser('admin', 'admin');
  return { orgId, ...tenancy, host, apiKeys, serviceToken, users, admin };
}

/** Of random ones one in 65,536 is refused as a common one. */
async function drawPassword(): Promise<string> {
  const password = randomSecret();
  return (await screening.findViolation(password)) === null ? password : drawPassword();
}
