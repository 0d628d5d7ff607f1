// The changes as commands to copy, one after the other: a POSIX shell, and curl for HTTP or Node for gRPC.
import { type Demo, type DemoTenant, type Guests, randomSecret } from './demo.ts';

/** Every value is of letters, digits and `-_.@:/`, so that quotes hold it. No comment has a quote in it. */
export function writeCalls(demo: Demo, guests: Guests): string {
  const { url, grpcUrl, tenants } = demo;
  const [acme, globex] = tenants;
  return [
    writeVba(url, acme, guests.newcomer),
    writeZap(url, acme, guests),
    writeZitadel(url, globex, guests.foreigner),
    writeGrpc(grpcUrl, globex, guests.rpcUser),
  ].join('\n\n');
}

type Guest = Guests['user'];

function writeVba(url: string, tenant: DemoTenant, { userId, temporaryPassword }: Guest): string {
  const headers = [
    `x-api-key: ${tenant.apiKey}`,
    `vbasoftware-client-id: ${tenant.clientId}`,
    `vbasoftware-client-code: ${tenant.clientCode}`,
    `vbasoftware-database: ${tenant.database}`,
  ];
  const signIn = writeCurl(`${url}/user-authentication`, headers, [
    `-u '${userId}:${temporaryPassword}'`,
  ]);
  const change = writeCurl(
    `${url}/change-temporary-password`,
    [...headers, JSON_BODY],
    [writeBody({ userID: userId, newPassword: randomSecret(), session: '$session' })],
  );
  return [
    '# 1. VBA: sign in with a temporary password, which opens a session to change it; then change it',
    ...capture(signIn, 'session', 'session'),
    change,
  ].join('\n');
}

function writeZap(url: string, tenant: DemoTenant, { admin, user }: Guests): string {
  const host = `Host: ${tenant.host}`;
  const login = writeCurl(
    `${url}/v1/login`,
    [host, JSON_BODY],
    [writeBody({ identity: admin.username, password: admin.password ?? '' })],
  );
  const change = writeCurl(
    `${url}/v1/changePassword`,
    [host, 'Authorization: Bearer $token', JSON_BODY],
    [
      writeBody({
        userId: user.userId,
        email: user.email,
        oldPassword: user.password ?? '',
        newPassword: randomSecret(),
      }),
    ],
  );
  return [
    '# 2. ZAP: sign in as the site admin, then change the password of another user',
    ...capture(login, 'token', 'token'),
    change,
  ].join('\n');
}

function writeZitadel(url: string, tenant: DemoTenant, { userId, password }: Guest): string {
  const change = writeCurl(
    `${url}/v2/users/${userId}/password`,
    [`Authorization: Bearer ${tenant.serviceToken}`, JSON_BODY],
    [
      writeBody({
        newPassword: { password: randomSecret(), changeRequired: false },
        currentPassword: password ?? '',
      }),
    ],
  );
  return [
    '# 3. ZITADEL: change a password with the current one, in the second tenant',
    change,
  ].join('\n');
}

/**
 * In a module, so that what it imports is found from the folder that it is pasted in. No single quote is in it. The Node
 * that npm installed runs it, for the client wants a newer one than npm itself.
 */
function writeGrpc(grpcUrl: string, tenant: DemoTenant, { userId, password }: Guest): string {
  return [
    '# 4. ZITADEL over gRPC, through the bridge: the same with a client of gRPC, in the folder of the repository',
    "node_modules/.bin/node --input-type=module -e '",
    'import { toJsonString } from "@bufbuild/protobuf";',
    'import { createClient } from "@connectrpc/connect";',
    'import { createGrpcTransport } from "@connectrpc/connect-node";',
    'import { SetPasswordResponseSchema, UserService } from "@zitadel/proto/zitadel/user/v2/user_service_pb.js";',
    `const client = createClient(UserService, createGrpcTransport({ baseUrl: "${grpcUrl}" }));`,
    'const answer = await client.setPassword({',
    `  userId: "${userId}", newPassword: { password: "${randomSecret()}" },`,
    `  verification: { case: "currentPassword", value: "${password ?? ''}" },`,
    `}, { headers: { authorization: "Bearer ${tenant.serviceToken}" } });`,
    `console.log(toJsonString(SetPasswordResponseSchema, answer));'`,
  ].join('\n');
}

const JSON_BODY = 'Content-Type: application/json';

function writeCurl(url: string, headers: readonly string[], rest: readonly string[]): string {
  const options = [...headers.map((header) => `-H ${quote(header)}`), ...rest];
  return [`curl -sS -w '\\n' -X POST '${url}'`, ...options].join(' \\\n  ');
}

function writeBody(body: object): string {
  return `-d ${quote(JSON.stringify(body))}`;
}

/** In single quotes; where a variable of the shell stands, in double ones. */
function quote(text: string): string {
  const parts = text.split(/(\$[a-z]+)/);
  if (parts.length > 1 && !text.includes('"')) return `"${text}"`;
  return parts.map((part) => (part.startsWith('$') ? `"${part}"` : `'${part}'`)).join('');
}

/** Shows the answer, and keeps one text of it in a variable. */
function capture(command: string, field: string, variable: string): string[] {
  return [
    `answer=$(${command})`,
    `printf '%s\\n' "$answer"`,
    `${variable}=$(printf '%s' "$answer" | sed 's/.*"${field}":"\\([^"]*\\)".*/\\1/')`,
  ];
}
