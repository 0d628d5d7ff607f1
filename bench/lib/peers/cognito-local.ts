// cognito-local, an emulator of Amazon Cognito: what that protocol costs, and no more, since it hashes nothing.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../bundle.ts';
import { pick } from '../calls.ts';
import type { Call } from '../load.ts';
import { readResidentMegabytes } from '../processor.ts';
import { measureInstall, readVersion } from './install-size.ts';
import { type Peer, takeStart, targetHttp, USERS } from './peer.ts';
import { isAnsweredOk, type StartedServer, startProcess } from './process.ts';

interface Account {
  readonly name: string;
  readonly accessToken: string;
  password: string;
  otherPassword: string;
}

/** What is read of all its answers. */
interface Reply {
  readonly UserPool: { readonly Id: string };
  readonly UserPoolClient: { readonly ClientId: string };
  readonly AuthenticationResult: { readonly AccessToken: string };
}

export async function startCognitoLocal(): Promise<Peer> {
  const server = await startEmulator();
  const { clientId, accounts } = await makeAccounts(server.url);
  return {
    name: 'cognito-local (Node)',
    hash: 'none: passwords are kept and compared as they are, and tokens are not verified at a change',
    storage: 'a JSON file, written anew each time',
    pace: 'quick',
    acts: {
      signIn: targetHttp(server, (_, connection) =>
        makeSignIn(clientId, pick(accounts, connection)),
      ),
      change: targetHttp(server, (_, connection) => {
        const account = pick(accounts, connection);
        const { password: PreviousPassword, otherPassword: ProposedPassword } = account;
        Object.assign(account, { password: ProposedPassword, otherPassword: PreviousPassword });
        const AccessToken = account.accessToken;
        return makeCall('ChangePassword', { AccessToken, PreviousPassword, ProposedPassword });
      }),
    },
    rawHash: null,
    bare: null,
    residentMegabytes: () => readResidentMegabytes(server.pid),
    startCold: async () => takeStart(startEmulator()),
    version: readVersion(REPOSITORY, 'cognito-local'),
    installMegabytes: measureInstall(REPOSITORY, ['cognito-local']),
    stop: server.stop,
  };
}

/** It keeps its data under the folder that it runs in, and says which port it got. */
async function startEmulator(): Promise<StartedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-cognito-'));
  const script = createRequire(import.meta.url).resolve('cognito-local/lib/bin/start.js');
  const server = await startProcess({
    command: process.execPath,
    args: [script],
    folder,
    environment: { HOST: '127.0.0.1', PORT: '0' },
    findUrl: (output) => /running on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1] ?? null,
    isAnswered: (url) => isAnsweredOk(`${url}/health`),
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

async function makeAccounts(url: string) {
  const { UserPool } = await send(url, 'CreateUserPool', { PoolName: 'bench' });
  const UserPoolId = UserPool.Id;
  const client = { UserPoolId, ClientName: 'bench', ExplicitAuthFlows: ['USER_PASSWORD_AUTH'] };
  const clientId = (await send(url, 'CreateUserPoolClient', client)).UserPoolClient.ClientId;
  const drawPassword = () => `Aa1!${randomBytes(16).toString('base64url')}`;
  const accounts: Account[] = [];
  while (accounts.length < USERS) {
    const name = `user-${accounts.length}@mail.example`;
    const password = drawPassword();
    const user = { UserPoolId, Username: name };
    await send(url, 'AdminCreateUser', { ...user, MessageAction: 'SUPPRESS' });
    await send(url, 'AdminSetUserPassword', { ...user, Password: password, Permanent: true });
    const { body } = makeSignIn(clientId, { name, password });
    const { AuthenticationResult } = await send(url, 'InitiateAuth', JSON.parse(String(body)));
    const accessToken = AuthenticationResult.AccessToken;
    accounts.push({ name, accessToken, password, otherPassword: drawPassword() });
  }
  return { clientId, accounts };
}

function makeSignIn(
  ClientId: string,
  { name: USERNAME, password: PASSWORD }: Pick<Account, 'name' | 'password'>,
): Call {
  const AuthFlow = 'USER_PASSWORD_AUTH';
  return makeCall('InitiateAuth', { ClientId, AuthFlow, AuthParameters: { USERNAME, PASSWORD } });
}

function makeCall(operation: string, body: object): Call {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
  };
  return { method: 'POST', path: '/', headers, body: JSON.stringify(body) };
}

async function send(url: string, operation: string, input: object): Promise<Reply> {
  const { method, headers, body } = makeCall(operation, input);
  const answer = await fetch(url, { method, headers, body: String(body) });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Reply;
}
