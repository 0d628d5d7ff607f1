// The operator's door of the running Worker, as far as the demo needs it.
import { Refusal } from './refusal.ts';

const ANSWER_LIMIT_MS = 30_000;

type Scope = 'signin' | 'user.read' | 'user.write';

export interface NewUser {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly role: 'user' | 'admin';
  readonly password?: string;
  readonly temporaryPassword?: string;
}

interface NewTenant {
  readonly name: string;
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
  readonly hosts: readonly string[];
  readonly settings: object;
}

export interface Operator {
  /** Gives the organisation's id. */
  readonly createTenant: (tenant: NewTenant) => Promise<string>;
  /** Gives the key. */
  readonly createKey: (orgId: string, name: string, scopes: readonly Scope[]) => Promise<string>;
  readonly createUser: (orgId: string, user: NewUser) => Promise<void>;
  readonly hasUser: (orgId: string, userId: string) => Promise<boolean>;
}

export function openOperator(url: string, adminKey: string, signal: AbortSignal): Operator {
  const call = async (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${url}/admin/tenants${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    });
  const create = async (path: string, body: object): Promise<Readonly<Record<string, string>>> => {
    const answer = await call('POST', path, body);
    if (answer.status !== 201) return refuseAnswer(answer);
    return (await answer.json()) as Record<string, string>;
  };
  return {
    createTenant: async (tenant) => readField(await create('', tenant), 'orgId'),
    createKey: async (orgId, name, scopes) =>
      readField(await create(`/${orgId}/keys`, { name, scopes }), 'key'),
    createUser: async (orgId, user) => {
      await create(`/${orgId}/users`, user);
    },
    hasUser: async (orgId, userId) => {
      const answer = await call('GET', `/${orgId}/users/${encodeURIComponent(userId)}`);
      if (answer.status !== 200 && answer.status !== 404) return refuseAnswer(answer);
      return answer.ok;
    },
  };
}

function readField(body: Readonly<Record<string, string>>, name: string): string {
  const value = body[name];
  if (value === undefined) throw new Error(`the operator's door gave no ${name}`);
  return value;
}

async function refuseAnswer(answer: Response): Promise<never> {
  const text = (await answer.text()).trim().slice(0, 200);
  throw new Refusal(`The demo could not be made: the Worker answered ${answer.status} ${text}`);
}
