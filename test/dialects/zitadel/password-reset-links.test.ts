// The link of a reset: from the caller's template or the tenant's, never from a request header, never elsewhere.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  makeReceiver,
  passwordReset,
  type Receiver,
  readOutbox,
  watchFetch,
} from '../../support/webhook.ts';
import { bearer, type ErrorRow, expectDetails, expectError } from './wire.ts';

const MALFORMED: ErrorRow = [400, 3, 'DOMAIN-oGh5e', 'URL Template is invalid'];
const UNKNOWN_FIELD: ErrorRow = [400, 3, 'DOMAIN-ieYa7', 'URL Template is invalid'];
const FOREIGN: ErrorRow = [400, 3, null, 'URL Template leads to a foreign address'];
const WRONG_LENGTH: ErrorRow = [
  400,
  3,
  null,
  'invalid PasswordResetRequest.SendLink: embedded message failed validation | caused by: invalid SendPasswordResetLink.UrlTemplate: value length must be between 1 and 200 runes, inclusive',
];

let receiver: Receiver;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
});

function ask(userId: string, urlTemplate: string, on = receiver): Promise<Answer> {
  return passwordReset(on, userId, { sendLink: { urlTemplate } });
}

/** The link that came of the template, with what is drawn or made in it named. */
async function makeLink(urlTemplate: string): Promise<string> {
  const { userId } = await t.makeUser(receiver.tenant);
  expectDetails(await ask(userId, urlTemplate), receiver.tenant);
  const { url, code, orgId } = receiver.received.at(-1)?.message.data ?? {};
  return (url ?? '')
    .replaceAll(code ?? '', 'CODE')
    .replaceAll(userId, 'USER')
    .replaceAll(orgId ?? '', 'ORG');
}

describe('a link by the template of the caller', () => {
  it.each([
    ['https://login.example/a?u={{.UserID}}&c={{.Code}}&o={{.OrgID}}', '/a?u=USER&c=CODE&o=ORG'],
    ['https://login.example/{{ .UserID }}/{{  .Code }}', '/USER/CODE'],
    ['https://login.example/#{{.Code}}{{.Code}}', '/#CODECODE'],
    ['https://login.example/no-field', '/no-field'],
    ['https://login.example/a}}b', '/a%7D%7Db'],
    ['HTTPS://LOGIN.example:443/up', '/up'],
    ['https://login.example', '/'],
    ['https:\\\\login.example\\back', '/back'],
  ])('%s', async (template, path) => {
    expect(await makeLink(template)).toBe(`https://login.example${path}`);
  });

  it('has the ids encoded, so that no id is a part of the address', async () => {
    const user = await t.makeUser(receiver.tenant, {
      userId: `?x=1&u=/../#${t.nextSerial()}@evil.example`,
    });
    const template = 'https://login.example/reset/{{.UserID}}?user={{.UserID}}';
    expectDetails(await ask(user.userId, template), receiver.tenant);
    const url = new URL(receiver.received.at(-1)?.message.data['url'] ?? '');
    expect([url.host, url.hash]).toEqual(['login.example', '']);
    expect(url.pathname).toBe(`/reset/${encodeURIComponent(user.userId)}`);
    expect(url.searchParams.get('user')).toBe(user.userId);
  });

  it('may be http on the own machine', async () => {
    const local = await makeReceiver({ settings: { resetUrl: 'http://127.0.0.1:3000/' } });
    const { userId } = await t.makeUser(local.tenant);
    const template = 'http://127.0.0.1:3000/reset#{{.Code}}';
    expectDetails(await ask(userId, template, local), local.tenant);
    const { url, code } = local.received[0]?.message.data ?? {};
    expect(url).toBe(`http://127.0.0.1:3000/reset#${code}`);
  });
});

describe('a template is refused, and nothing is made', () => {
  it.each<[string, string, ErrorRow]>([
    ['that is not closed', 'https://login.example/{{.Code', MALFORMED],
    ['that is empty', 'https://login.example/{{}}', MALFORMED],
    ['that is a function', 'https://login.example/{{printf "%s" .Code}}', MALFORMED],
    ['that is a pipeline', 'https://login.example/{{.Code | html}}', MALFORMED],
    ['that is a condition', 'https://login.example/{{if .Code}}x{{end}}', MALFORMED],
    ['that is the whole data', 'https://login.example/{{.}}', MALFORMED],
    ['that opens twice', 'https://login.example/{{{{.Code}}', MALFORMED],
    ['with a blank after the dot', 'https://login.example/{{. Code}}', MALFORMED],
    ['with an unknown field', 'https://login.example/{{.Password}}', UNKNOWN_FIELD],
    ['with a field in other letters', 'https://login.example/{{.code}}', UNKNOWN_FIELD],
    ['with a field of a field', 'https://login.example/{{.Code.Length}}', UNKNOWN_FIELD],
    ['with a field of every object', 'https://login.example/{{.constructor}}', UNKNOWN_FIELD],
    ['to another host', 'https://evil.example/{{.Code}}', FOREIGN],
    ['to a host below', 'https://x.login.example/{{.Code}}', FOREIGN],
    ['to a host that begins the same', 'https://login.example.evil.example/', FOREIGN],
    ['to another port', 'https://login.example:8443/{{.Code}}', FOREIGN],
    ['without TLS', 'http://login.example/{{.Code}}', FOREIGN],
    ['to the own machine', 'http://127.0.0.1/{{.Code}}', FOREIGN],
    ['with a name before the host', 'https://me@login.example/{{.Code}}', FOREIGN],
    ['with a password before the host', 'https://login.example:x@evil.example/', FOREIGN],
    ['that hides its host', 'https://evil.example\\@login.example/', FOREIGN],
    ['to a host by a field', 'https://{{.UserID}}/{{.Code}}', FOREIGN],
    ['by a script', 'javascript:alert("{{.Code}}")', FOREIGN],
    ['to a blob of the address', 'blob:https://login.example/{{.Code}}', FOREIGN],
    ['to data', 'data:text/html,{{.Code}}', FOREIGN],
    ['without a scheme', '//login.example/{{.Code}}', FOREIGN],
    ['of a path alone', '/reset/{{.Code}}', FOREIGN],
    ['that is empty text', '', WRONG_LENGTH],
    ['that is too long', `https://login.example/${'x'.repeat(180)}`, WRONG_LENGTH],
  ])('%s', async (_, template, row) => {
    const { userId } = await t.makeUser(receiver.tenant);
    const before = await t.readUser(receiver.tenant, userId);
    const count = receiver.received.length;
    expectError(await ask(userId, template), row);
    expect(await t.readUser(receiver.tenant, userId)).toEqual(before);
    expect(await readOutbox(receiver.tenant, userId)).toEqual([]);
    expect(receiver.received).toHaveLength(count);
  });

  it('in German, too', async () => {
    const { userId } = await t.makeUser(receiver.tenant);
    const answer = await send(`/v2/users/${userId}/password_reset`, {
      method: 'POST',
      headers: bearer(receiver.tenant.serviceToken, { 'accept-language': 'de' }),
      body: JSON.stringify({ sendLink: { urlTemplate: 'https://login.example/{{' } }),
    });
    expectError(answer, [400, 3, 'DOMAIN-oGh5e', 'URL Template ist ungültig']);
  });
});

describe('no request can poison the link', () => {
  it.each([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'http' }],
    ['Forwarded', { forwarded: 'host=evil.example;proto=http' }],
    ['X-Original-URL', { 'x-original-url': 'https://evil.example/' }],
    ['X-Zitadel-Instance-Host', { 'x-zitadel-instance-host': 'evil.example' }],
    ['X-Zitadel-Public-Host', { 'x-zitadel-public-host': 'evil.example' }],
    ['Origin', { origin: 'https://evil.example' }],
    ['Referer', { referer: 'https://evil.example/' }],
  ])('by %s', async (_, headers) => {
    const { userId } = await t.makeUser(receiver.tenant);
    const answer = await send(`https://evil.example/v2/users/${userId}/password_reset`, {
      method: 'POST',
      headers: bearer(receiver.tenant.serviceToken, headers),
      body: '{"sendLink":{}}',
    });
    expectDetails(answer, receiver.tenant);
    const { body, message } = receiver.received.at(-1) ?? {};
    const { url, code } = message?.data ?? {};
    const { orgId } = receiver.tenant;
    expect(url).toBe(`https://login.example/reset?user=${userId}&org=${orgId}#${code}`);
    expect(body).not.toContain('evil.example');
  });
});
