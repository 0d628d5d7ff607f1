// One interface to two systems that ask for a new password at the first sign-in: Rekey's VBA, as npm start has it, and
// cognito-local, an emulator of Amazon Cognito that shares no code with us, through the vendor's own SDK.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  type AuthenticationResultType,
  CognitoIdentityProviderClient,
  CognitoIdentityProviderServiceException,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Demo } from '../../../src/node/demo.ts';
import { findFreePort, Instance, makeHome, until } from '../../support/instance.ts';

export type Answer =
  | { readonly outcome: 'tokens' }
  | { readonly outcome: 'challenge'; readonly session: string }
  /** The password, the user or the session is not right. */
  | { readonly outcome: 'unauthorized' }
  /** The new password may not be that one. */
  | { readonly outcome: 'password refused' };

/** Whatever is no answer to the question, such as a request that is malformed or throttled, is thrown. */
export interface System {
  /** Gives the name to sign in with. */
  readonly makeUser: (temporaryPassword: string) => Promise<string>;
  readonly signIn: (user: string, password: string) => Promise<Answer>;
  readonly change: (session: string, user: string, newPassword: string) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

const MIN_LENGTH = 15;
const TEMPORARY_PASSWORD_DAYS = 7;
const SESSION_MINUTES = 15;

interface AuthResponse {
  readonly challengeName: string | null;
  readonly session: string | null;
  readonly authenticationResult: { readonly accessToken: string } | null;
}

export async function startRekey(): Promise<System> {
  const home = makeHome();
  const instance = new Instance('dev', home, await findFreePort());
  const stop = async () => {
    await instance.stop('SIGINT');
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await instance.ready();
  } catch (error) {
    await stop();
    throw error;
  }
  const demo: Demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
  const { url, adminKey } = demo;
  const [tenant] = demo.tenants;
  const call = async (path: string, headers: object, body?: object): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'x-api-key': tenant.apiKey,
        'vbasoftware-client-id': tenant.clientId,
        'vbasoftware-client-code': tenant.clientCode,
        'vbasoftware-database': tenant.database,
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { data } = (await answer.json()) as { readonly data: AuthResponse | null };
    return readRekey(path, answer.status, data);
  };
  let made = 0;
  return {
    makeUser: async (temporaryPassword) => {
      made += 1;
      const userId = `user-${made}`;
      const answer = await fetch(`${url}/admin/tenants/${tenant.orgId}/users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ userId, temporaryPassword }),
      });
      if (answer.status !== 201) throw new Error(`no user: ${answer.status}`);
      return userId;
    },
    signIn: (user, password) =>
      call('/user-authentication', { authorization: `Basic ${btoa(`${user}:${password}`)}` }),
    change: (session, user, newPassword) =>
      call(
        '/change-temporary-password',
        { 'content-type': 'application/json' },
        { userID: user, newPassword, session },
      ),
    stop,
  };
}

function readRekey(path: string, status: number, data: AuthResponse | null): Answer {
  if (status === 401) return { outcome: 'unauthorized' };
  // A field that is missing is 400 too, but none is missing here.
  if (status === 400 && path === '/change-temporary-password') {
    return { outcome: 'password refused' };
  }
  if (status !== 200 || data === null) throw new Error(`${path}: ${status}`);
  return readOutcome(data.challengeName, data.session, data.authenticationResult?.accessToken);
}

function readOutcome(
  challengeName: string | null | undefined,
  session: string | null | undefined,
  accessToken: string | undefined,
): Answer {
  if (challengeName === 'NEW_PASSWORD_REQUIRED' && session && !accessToken) {
    return { outcome: 'challenge', session };
  }
  if (!challengeName && !session && accessToken) return { outcome: 'tokens' };
  throw new Error(`neither tokens nor NEW_PASSWORD_REQUIRED: ${challengeName}`);
}

export async function startCognito(): Promise<System> {
  const { endpoint, stop } = await startEmulator();
  const client = new CognitoIdentityProviderClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const { UserPool } = await client.send(
    new CreateUserPoolCommand({
      PoolName: 'beside-rekey',
      Policies: {
        PasswordPolicy: {
          MinimumLength: MIN_LENGTH,
          RequireLowercase: false,
          RequireNumbers: false,
          RequireSymbols: false,
          RequireUppercase: false,
          TemporaryPasswordValidityDays: TEMPORARY_PASSWORD_DAYS,
        },
      },
    }),
  );
  const UserPoolId = UserPool?.Id;
  const { UserPoolClient } = await client.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'beside-rekey',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      AuthSessionValidity: SESSION_MINUTES,
    }),
  );
  const ClientId = UserPoolClient?.ClientId;
  let made = 0;
  return {
    makeUser: async (TemporaryPassword) => {
      made += 1;
      // The emulator's pools take nothing but addresses for names.
      const Username = `user-${made}@mail.example`;
      await client.send(
        new AdminCreateUserCommand({
          UserPoolId,
          Username,
          TemporaryPassword,
          MessageAction: 'SUPPRESS',
        }),
      );
      return Username;
    },
    signIn: (USERNAME, PASSWORD) =>
      readCognito(
        // The emulator calls a wrong password at a sign-in what AWS calls a weak new one.
        { NotAuthorizedException: 'unauthorized', InvalidPasswordException: 'unauthorized' },
        () =>
          client.send(
            new InitiateAuthCommand({
              ClientId,
              AuthFlow: 'USER_PASSWORD_AUTH',
              AuthParameters: { USERNAME, PASSWORD },
            }),
          ),
      ),
    change: (Session, USERNAME, NEW_PASSWORD) =>
      readCognito(
        { NotAuthorizedException: 'unauthorized', InvalidPasswordException: 'password refused' },
        () =>
          client.send(
            new RespondToAuthChallengeCommand({
              ClientId,
              ChallengeName: 'NEW_PASSWORD_REQUIRED',
              Session,
              ChallengeResponses: { USERNAME, NEW_PASSWORD },
            }),
          ),
      ),
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
}

interface CognitoReply {
  readonly ChallengeName?: string | undefined;
  readonly Session?: string | undefined;
  readonly AuthenticationResult?: AuthenticationResultType | undefined;
}

async function readCognito(
  refusals: Readonly<Record<string, 'unauthorized' | 'password refused'>>,
  send: () => Promise<CognitoReply>,
): Promise<Answer> {
  try {
    const { ChallengeName, Session, AuthenticationResult } = await send();
    return readOutcome(ChallengeName, Session, AuthenticationResult?.AccessToken);
  } catch (error) {
    const isFromService = error instanceof CognitoIdentityProviderServiceException;
    const outcome = isFromService ? refusals[error.name] : undefined;
    if (outcome === undefined) throw error;
    return { outcome };
  }
}

/** A process of its own, since it keeps its data under the folder that it runs in. */
async function startEmulator() {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-cognito-'));
  const require = createRequire(import.meta.url);
  const script = require.resolve('cognito-local/lib/bin/start.js');
  const child = spawn(process.execPath, [script], {
    cwd: folder,
    env: { HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let isOver = false;
  const ended = new Promise<void>((done) => {
    child.on('close', () => {
      isOver = true;
      done();
    });
  });
  const stop = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  // It is given no port, so that none can be taken from it, and says which one it got.
  const findEndpoint = () => /running on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
  try {
    await until('cognito-local listens', () => isOver || findEndpoint() !== undefined);
    const endpoint = findEndpoint();
    if (endpoint === undefined) throw new Error(`cognito-local ended: ${output}`);
    return { endpoint, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
