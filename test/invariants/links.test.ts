// A link in a message leads where the tenant says, whatever the request says of hosts (A62).
import { beforeAll, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { ORIGIN, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../support/webhook.ts';

cheapenHashes();

let receiver: Receiver;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
});

const EVIL = 'evil.example';
const LYING: Readonly<Record<string, string>> = {
  host: EVIL,
  origin: `https://${EVIL}`,
  referer: `https://${EVIL}/reset`,
  forwarded: `host=${EVIL};proto=http`,
  'x-forwarded-host': EVIL,
  'x-forwarded-proto': 'http',
  'x-forwarded-server': EVIL,
  'x-host': EVIL,
  'x-original-url': `https://${EVIL}/`,
  'x-rewrite-url': `https://${EVIL}/`,
};

/** Asks for a code of the user at each door that sends one, with headers that lie. */
function askEverywhere(user: t.TestUser) {
  const { tenant } = receiver;
  const tenancy = t.vbaHeaders(tenant);
  const ask = (url: string, headers: Record<string, string>, body: object) =>
    send(url, {
      method: 'POST',
      headers: { ...LYING, ...tenancy, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const service = { authorization: `Bearer ${tenant.serviceToken}` };
  return [
    () => ask(`https://${EVIL}/forgot-password`, {}, { userID: user.userId }),
    () => ask(`https://${EVIL}/v1/otp/forgotPassword`, {}, { identity: user.email }),
    () => ask(`https://${EVIL}/v2/users/${user.userId}/password_reset`, service, { sendLink: {} }),
    () => ask(`${ORIGIN}/forgot-password`, {}, { userID: user.userId }),
  ];
}

it('is of the configured address at every door, and nothing of the request is in the message', async () => {
  const user = await t.makeUser(receiver.tenant);
  // One after the other: of codes that are asked for at once all but two are dead before they are sent.
  for (const ask of askEverywhere(user)) expect((await ask()).status).toBe(200);
  expect(receiver.received).toHaveLength(4);
  for (const { body, message } of receiver.received) {
    const { code, url, text, html } = message.data;
    const link = `https://login.example/reset?user=${user.userId}&org=${receiver.tenant.orgId}#${code}`;
    expect(url).toBe(link);
    expect(text).toContain(link);
    expect(html).toContain(`href="${link.replaceAll('&', '&#38;')}"`);
    expect(body).not.toContain(EVIL);
  }
});

it('of a request is refused when it leads elsewhere, and no code is made', async () => {
  const user = await t.makeUser(receiver.tenant);
  const count = receiver.received.length;
  for (const urlTemplate of [
    `https://${EVIL}/{{.Code}}`,
    'https://login.example.evil.example/{{.Code}}',
    'https://login.example@evil.example/{{.Code}}',
    '//evil.example/{{.Code}}',
    'https:\\\\evil.example/{{.Code}}',
    'http://login.example/{{.Code}}',
  ]) {
    const path = `${user.userId}/password_reset`;
    const answer = await t.zitadel(receiver.tenant.serviceToken, path, {
      sendLink: { urlTemplate },
    });
    expect([urlTemplate, answer.status]).toEqual([urlTemplate, 400]);
  }
  expect(receiver.received).toHaveLength(count);
});
