// The running Worker, as npm start has it, and the tenants and users that the golden exchanges are about, made through
// the operator's door.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Demo } from '../../../src/node/demo.ts';
import { findFreePort, Instance, makeHome } from '../../support/instance.ts';
import { readLetters } from '../../support/letters.ts';
import type { Given, Letter } from './exchange.ts';

type Fields = Readonly<Record<string, string>>;

export interface World {
  readonly url: string;
  /** What each tenant is called on the wire. */
  readonly tenants: Readonly<Record<Given['of'], Fields>>;
  /** Each with a budget of its own. */
  readonly makeKey: (of: Given['of'], scopes: readonly string[]) => Promise<string>;
  readonly makeUser: (
    given: Pick<Given, 'kind' | 'of'> & { readonly fields: Fields },
  ) => Promise<Fields>;
  /** Of the newest letter of the kind to the address that has not been read: its code, or its subject. */
  readonly readLetter: (kind: Letter['kind'], address: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

const WAIT = { timeout: 20_000, interval: 50 };

let serial = 0;

export async function startWorld(settings: Readonly<Record<Given['of'], object>>): Promise<World> {
  const home = makeHome();
  const instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  const { url, adminKey }: Demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));

  const create = async (path: string, body: object): Promise<Fields> => {
    const answer = await fetch(`${url}/admin/tenants${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Fields;
  };
  const makeTenant = async (name: string, chosen: object): Promise<Fields> => {
    const tenancy = { clientId: `${name}-id`, clientCode: `${name}-code`, database: `${name}_db` };
    const host = `${name}.localhost`;
    const emailFrom = { name, address: `no-reply@${name}.example` };
    const body = { name, ...tenancy, hosts: [host] };
    const made = await create('', {
      ...body,
      settings: { delivery: { emailFrom }, ...chosen },
    });
    return { orgId: made['orgId'] ?? '', host, ...tenancy };
  };
  const tenants = {
    main: await makeTenant('golden', settings.main),
    other: await makeTenant('other', settings.other),
  };
  const makeKey: World['makeKey'] = async (of, scopes) => {
    const body = { name: 'golden', scopes };
    return (await create(`/${tenants[of]['orgId']}/keys`, body))['key'] ?? '';
  };
  const signIn = async (of: Given['of'], userId: string, password: string): Promise<Fields> => {
    const { clientId = '', clientCode = '', database = '' } = tenants[of];
    const answer = await fetch(`${url}/user-authentication`, {
      method: 'POST',
      headers: {
        'x-api-key': await makeKey(of, ['signin']),
        'vbasoftware-client-id': clientId,
        'vbasoftware-client-code': clientCode,
        'vbasoftware-database': database,
        authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`,
      },
    });
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    const { accessToken, idToken, refreshToken } = JSON.parse(text).data.authenticationResult;
    return { accessToken, idToken, refreshToken };
  };
  const read = new Set<string>();

  return {
    url,
    tenants,
    makeKey,
    makeUser: async ({ kind, of, fields }) => {
      serial += 1;
      const userId = `someone-${serial}`;
      const names = {
        userId,
        username: `${userId}-login`,
        email: `${userId}@mail.example`,
        phone: `+49 30 ${1_000_000 + serial}`,
      };
      const password = `Calm otters in fjord ${serial}!`;
      const isTold = 'password' in fields || 'temporaryPassword' in fields;
      const made = { ...names, ...(isTold ? {} : { password }), ...fields };
      await create(`/${tenants[of]['orgId']}/users`, made);
      const user = { ...names, password, ...fields };
      return kind === 'user'
        ? user
        : { ...user, ...(await signIn(of, user.userId, user.password)) };
    },
    // It is sent after the answer.
    readLetter: (kind, address) => vi.waitFor(() => findLetter(url, kind, address, read), WAIT),
    stop: async () => {
      await instance.stop('SIGINT');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function findLetter(
  url: string,
  kind: Letter['kind'],
  address: string,
  read: Set<string>,
): Promise<string> {
  for (const { messageId, to, subject, text } of await readLetters(url)) {
    if (!to.includes(address) || read.has(messageId)) continue;
    const code = /^Your code: (\S+)$/m.exec(text)?.[1];
    if ((kind === 'code') !== (code !== undefined)) continue;
    read.add(messageId);
    return code ?? subject;
  }
  throw new Error(`no ${kind} for ${address}`);
}
