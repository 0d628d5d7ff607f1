// Two demo tenants, one in each database, with the same people under different passwords; and the guests of the
// printed calls, new at each start, so that the demo's own users stay as its file says.
import { randomBytes } from 'node:crypto';
import type { NewUser, Operator } from './operator.ts';
import { readIfThere, type State, writePrivate } from './state.ts';

interface DemoUser {
  readonly role: 'user' | 'admin';
  readonly state: 'active' | 'temporary';
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly password?: string;
  readonly temporaryPassword?: string;
}

export interface DemoTenant {
  readonly name: string;
  readonly orgId: string;
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
  readonly host: string;
  /** For x-api-key. */
  readonly apiKey: string;
  /** May read and write users. */
  readonly serviceToken: string;
  /** May only read them. */
  readonly readerToken: string;
  readonly users: readonly DemoUser[];
}

export interface Demo {
  readonly url: string;
  /** The gRPC bridge's. */
  readonly grpcUrl: string;
  readonly adminKey: string;
  readonly tenants: readonly [acme: DemoTenant, globex: DemoTenant];
}

/** The demo of an earlier start where it still holds, else a new one. Written down either way, with today's URLs. */
export async function prepareDemo(
  operator: Operator,
  state: State,
  place: Omit<Demo, 'tenants'>,
  sendsEmail: boolean,
): Promise<Demo> {
  const earlier = readDemo(state.demo, place.adminKey);
  const tenants =
    earlier !== null && (await isThere(operator, earlier))
      ? earlier.tenants
      : await makeTenants(operator, sendsEmail);
  const demo: Demo = { ...place, tenants };
  writePrivate(state.demo, `${JSON.stringify(demo, null, 2)}\n`);
  return demo;
}

function readDemo(path: string, adminKey: string): Demo | null {
  try {
    const demo = JSON.parse(readIfThere(path) ?? 'null') as Demo | null;
    return demo?.adminKey === adminKey && demo.tenants.length === 2 ? demo : null;
  } catch {
    return null;
  }
}

async function isThere(operator: Operator, { tenants }: Demo): Promise<boolean> {
  for (const { orgId, users } of tenants) {
    for (const { userId } of users) {
      if (!(await operator.hasUser(orgId, userId))) return false;
    }
  }
  return true;
}

async function makeTenants(operator: Operator, sendsEmail: boolean): Promise<Demo['tenants']> {
  const people = [
    makePerson('admin', 'active'),
    makePerson('user', 'active'),
    makePerson('user', 'temporary'),
  ];
  const make = (name: string, domain: string) =>
    makeTenant(operator, name, domain, people, sendsEmail);
  return [await make('Acme', 'localhost'), await make('Globex', 'eu.localhost')];
}

type Person = Omit<DemoUser, 'password' | 'temporaryPassword'>;

function makePerson(role: DemoUser['role'], state: DemoUser['state']): Person {
  const name = `${state === 'temporary' ? 'newcomer' : role}-${randomName()}`;
  return { role, state, userId: name, username: `${name}-login`, email: `${name}@mail.example` };
}

async function makeTenant(
  operator: Operator,
  name: string,
  domain: string,
  people: readonly Person[],
  sendsEmail: boolean,
): Promise<DemoTenant> {
  const random = randomName();
  const slug = name.toLowerCase();
  const host = `${slug}-${random}.${domain}`;
  const tenancy = {
    clientId: `${slug}-${random}`,
    clientCode: randomSecret(),
    database: `${slug}_${random}`,
  };
  // Locally letters reach nobody: wrangler keeps them to be read.
  const delivery = { emailFrom: { name, address: `no-reply@${slug}.example` } };
  const settings = {
    ...(sendsEmail ? { delivery } : {}),
    resetUrl: `https://${slug}.example/reset?user={{.UserID}}&code={{.Code}}`,
  };
  const orgId = await operator.createTenant({ name, ...tenancy, hosts: [host], settings });
  const keys = {
    apiKey: await operator.createKey(orgId, 'clients', ['signin']),
    serviceToken: await operator.createKey(orgId, 'service', ['user.read', 'user.write']),
    readerToken: await operator.createKey(orgId, 'reader', ['user.read']),
  };
  const users: DemoUser[] = [];
  for (const person of people) users.push(await makeUser(operator, orgId, person));
  return { name, orgId, ...tenancy, host, ...keys, users };
}

async function makeUser(operator: Operator, orgId: string, person: Person): Promise<DemoUser> {
  const { state, ...named } = person;
  const secret =
    state === 'temporary' ? { temporaryPassword: randomSecret() } : { password: randomSecret() };
  await operator.createUser(orgId, { ...named, ...secret } satisfies NewUser);
  return { ...person, ...secret };
}

/** Who the printed calls are about. */
export interface Guests {
  /** Of the first tenant, with a temporary password. */
  readonly newcomer: DemoUser;
  readonly admin: DemoUser;
  readonly user: DemoUser;
  /** Of the second tenant. */
  readonly foreigner: DemoUser;
  /** Of the second tenant, for the call over gRPC. */
  readonly rpcUser: DemoUser;
}

export async function makeGuests(
  operator: Operator,
  [acme, globex]: Demo['tenants'],
): Promise<Guests> {
  const invite = (tenant: DemoTenant, role: DemoUser['role'], state: DemoUser['state']) => {
    const name = `guest-${randomName()}`;
    const email = `${name}@mail.example`;
    return makeUser(operator, tenant.orgId, { role, state, userId: name, username: name, email });
  };
  return {
    newcomer: await invite(acme, 'user', 'temporary'),
    admin: await invite(acme, 'admin', 'active'),
    user: await invite(acme, 'user', 'active'),
    foreigner: await invite(globex, 'user', 'active'),
    rpcUser: await invite(globex, 'user', 'active'),
  };
}

const NAME_BYTES = 4;
const SECRET_BYTES = 18;

function randomName(): string {
  return randomBytes(NAME_BYTES).toString('hex');
}

/** 24 characters that no shell and no JSON minds. */
export function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
