// Whatever they are given, parsers give a value or say that it is none: they throw nothing, and take no time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, readBase64, readUtf8, toBase64 } from '../../src/core/bytes.ts';
import { isPlainAddress } from '../../src/core/email-address.ts';
import { createKeyring } from '../../src/core/keyring.ts';
import { findTemplateFault, renderMessage } from '../../src/core/message-text.ts';
import { readOpaquePlace } from '../../src/core/opaque.ts';
import { isAffordable, readForeignHash } from '../../src/core/password/foreign.ts';
import { verifyPbkdf2c } from '../../src/core/password/pbkdf2c.ts';
import { findPasswordFault, normalisePassword } from '../../src/core/password/text.ts';
import { openText, sealText } from '../../src/core/seal.ts';
import { parseTemplate } from '../../src/core/template.ts';
import { isLinkTemplate, makeLink } from '../../src/core/url-template.ts';
import { readSecureUrl } from '../../src/core/web-url.ts';
import { isWebhookSecret, isWebhookUrl } from '../../src/core/webhook.ts';
import { readBasic } from '../../src/dialects/vba/translate.ts';
import { hasMalformedTimeout, readDeadline } from '../../src/dialects/zitadel/deadline.ts';
import { decodeMessage } from '../../src/dialects/zitadel/decode.ts';
import { SessionService, UserService } from '../../src/dialects/zitadel/descriptors.ts';
import { decodeText, readUnaryFrame } from '../../src/dialects/zitadel/grpc-web.ts';
import { readRpcMedia } from '../../src/dialects/zitadel/media.ts';
import { decodeQuery } from '../../src/dialects/zitadel/query.ts';
import { readBearer } from '../../src/wire/bearer.ts';
import { parseStrictJson } from '../../src/wire/json.ts';
import { negotiateType } from '../../src/wire/negotiate.ts';
import { readTenancy } from '../../src/wire/tenancy.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { makeKeySecrets, makePepper, platformRandom } from '../support/secrets.ts';
import { allow, fuzz } from './budget.ts';
import { anyText, nearly, reshape, spoil } from './mutations.ts';

const SHARE = 0.04;
const RUNS = 250;
const TIMEOUT = allow(SHARE);
const keyring = createKeyring(makeKeySecrets({ peppers: [makePepper('p1')] }));
const utf8 = (text: string) => new Uint8Array(new TextEncoder().encode(text));

/** A parser with inputs that are nearly right; `check` sees what it took. */
function each<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => unknown,
): readonly [string, () => Promise<void>] {
  const options = { runs: RUNS, share: SHARE };
  return [
    name,
    () =>
      fuzz(inputs, options, async (input) => {
        await check(input);
      }),
  ];
}

const SALT = 'c2FsdCBvZiBvdGhlcnM';
const OUTPUT = toBase64(new Uint8Array(32).fill(7));
const HASHES = [
  `$pbkdf2-sha256$1000$${SALT}$${OUTPUT}`,
  `$pbkdf2c-sha256$i=600000,c=100000$${SALT}$${OUTPUT}`,
];
const STORED = `$pbkdf2c-sha256$i=1000,c=1000,k=p1$${SALT}$${toBase64(new Uint8Array(60))}`;
const TEMPLATES = [
  'Hello {{.UserId}}, {{.Code}} by {{.Actor}} at {{.Time}}\n\n{{.Url}}',
  'https://login.example/reset?user={{.UserID}}&code={{.Code}}&org={{.OrgID}}',
];
const FIELDS = {
  TenantName: 'Acme',
  UserId: 'ann',
  actor: 'user',
  Code: '12345678',
  Url: 'https://login.example/',
  at: 0,
  codeLife: 600,
} as const;

const TEXTS = [
  each('base64', nearly('aGVsbG8=', 'aGVsbG8gd29ybGQ', '++//'), (text) => {
    const bytes = readBase64(text);
    if (bytes !== null) expect(toBase64(bytes)).toBe(text.replace(/=+$/, ''));
  }),
  each('UTF-8', spoil, (change) => {
    const bytes = change(utf8('ü 🔑 text'));
    const text = readUtf8(bytes);
    if (text !== null) expect(equalBytes(utf8(text), bytes)).toBe(true);
  }),
  each('hashes of other systems', nearly(...HASHES), (text) => {
    const hash = readForeignHash(text);
    if (hash !== null) expect([isAffordable(hash.cost), hash.output.length]).toEqual([true, 32]);
  }),
  each('stored hashes', nearly(STORED, ...HASHES), async (text) => {
    let links = 0;
    const pace = {
      begin: async () => undefined,
      end: () => undefined,
      onLink: () => {
        links += 1;
      },
      rest: async () => undefined,
    };
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const tools = { pepper: keyring.pepper, random, pace };
    const owner = { tenantId: 'tenant', userId: 'user' };
    expect(await verifyPbkdf2c(text, 'violet harbour at dawn', owner, tools)).toBe('unsupported');
    expect(links).toBe(0);
  }),
  each('sealed texts', fc.tuple(spoil, anyText), async ([change, text]) => {
    const sealed = await sealText(keyring, platformRandom, 'message', ['a'], text.toWellFormed());
    const bytes = change(utf8(sealed));
    const spoilt = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    const opened = await openText(keyring, 'message', ['a'], spoilt);
    expect(opened).toBe(spoilt === sealed ? text.toWellFormed() : null);
  }),
  each('passwords', nearly('violet harbour at dawn', 'ö̈'), (text) => {
    if (findPasswordFault(text) === null) expect(normalisePassword(text).isWellFormed()).toBe(true);
  }),
  each(
    'opaque tokens',
    nearly(`rk_db_${'a'.repeat(43)}`, `rkr_db-eu_${'b'.repeat(43)}`),
    (text) => {
      const place = readOpaquePlace('api-key', text);
      if (place !== null) expect(text.startsWith(`rk_${place}_`)).toBe(true);
    },
  ),
  each('templates', nearly(...TEMPLATES), (text) => {
    expect(parseTemplate(text, ['Code'])).toHaveProperty('ok');
    const own = { subject: text, text, html: text };
    findTemplateFault('password.reset', own);
    const templates = { 'password.reset': { en: own } };
    const { subject } = renderMessage('password.reset', 'en', FIELDS, templates);
    expect(subject).not.toMatch(/[\r\n\0]/);
  }),
  each('links', nearly(...TEMPLATES), (text) => {
    const fields = { UserID: 'a&b', Code: '1', OrgID: 'o' };
    const link = makeLink(text, 'https://login.example/{{.Code}}', fields);
    if (link.ok) expect(new URL(link.value).origin).toBe('https://login.example');
    if (isLinkTemplate(text)) expect(makeLink(text, text, fields).ok).toBe(true);
  }),
  each(
    'web addresses',
    nearly('https://user@login.example:8443/a?b#c', 'http://[::1]/'),
    (text) => {
      const url = readSecureUrl(text);
      if (url !== null) expect(url.username + url.password).toBe('');
      if (isWebhookUrl(text)) expect(url).not.toBeNull();
    },
  ),
  each('secrets of webhooks', nearly(`whsec_${OUTPUT}`), (text) => {
    if (isWebhookSecret(text)) expect(text).toMatch(/^whsec_[\w+/=]{32,}$/);
  }),
  each('addresses of mail', nearly('ann.other@mail.example', 'ü@ö.example'), (text) => {
    if (isPlainAddress(text)) expect(text).not.toMatch(/[\s<>,;:"()]/);
  }),
];

const HEADERS = [
  each('Basic', nearly(`Basic ${btoa('ann:violet harbour')}`), (text) => {
    const basic = readBasic(text);
    if (basic !== null) expect(basic.userId).not.toMatch(/[:\p{Cc}]/u);
  }),
  each('Bearer', nearly('Bearer abc.def-ghi_jkl='), (text) => {
    const token = readBearer(text);
    if (token !== null) expect(text.slice(7)).toBe(token);
  }),
  each('Accept', nearly('text/json;q=0.5, application/*;q=0.1, */*;q=0'), (text) => {
    const types = ['application/json', 'text/json'] as const;
    expect(types).toContain(negotiateType(text, [...types]));
  }),
  each('content types', nearly('application/grpc-web+proto; charset=utf-8'), (text) => {
    readRpcMedia(text);
  }),
  each('timeouts', nearly('99999999H', '100m', '1u', '5000'), (text) => {
    if (!/^[\x20-\x7e]*$/.test(text)) return;
    const headers = new Headers({ 'connect-timeout-ms': text, 'grpc-timeout': text });
    const deadline = readDeadline(headers, 1000);
    expect(deadline === null || deadline >= 1000).toBe(true);
    hasMalformedTimeout(headers);
  }),
  each('tenant headers', fc.tuple(nearly('a'), nearly('b'), nearly('c,d')), (texts) => {
    const names = ['client-id', 'client-code', 'database'];
    const read = readTenancy((name) => texts[names.indexOf(name.replace('vbasoftware-', ''))]);
    if ('tenancy' in read) expect(Object.values(read.tenancy).join('')).not.toMatch(/,|^$/);
  }),
];

const BODY = { userId: 'ann', newPassword: { password: 'violet harbour', changeRequired: false } };
const SEARCH = {
  query: { offset: '1', limit: 2 },
  queries: [{ userNameQuery: { userName: 'a' } }],
};
const METHODS = [
  UserService.method.setPassword,
  UserService.method.listUsers,
  UserService.method.updateHumanUser,
  SessionService.method.createSession,
];

const BODIES = [
  each('JSON', fc.tuple(reshape, spoil, fc.boolean()), ([change, spoilt, isSpoilt]) => {
    const shaped = utf8(change(BODY));
    const bytes = isSpoilt ? spoilt(shaped) : shaped;
    const value = parseStrictJson(bytes);
    // A number in few digits has many, and so has an escape.
    if (value !== undefined) {
      expect(JSON.stringify(value).length).toBeLessThanOrEqual(8 * bytes.length);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  }),
  each(
    'messages in JSON',
    fc.tuple(reshape, fc.constantFrom(...METHODS), fc.boolean()),
    (drawn) => {
      const [change, { input }, isSearch] = drawn;
      decodeMessage(input, 'json', utf8(change(isSearch ? SEARCH : BODY)));
    },
  ),
  each(
    'messages in binary',
    fc.tuple(spoil, fc.constantFrom(...METHODS)),
    ([change, { input }]) => {
      decodeMessage(
        input,
        'proto',
        change(new Uint8Array([10, 3, 97, 98, 99, 18, 5, 10, 3, 1, 2, 3])),
      );
    },
  ),
  each(
    'queries',
    nearly('?query.limit=1&ctx.org_id=a&query.asc=true', '?sessionToken=a'),
    (text) => {
      for (const { input } of METHODS) decodeQuery(input, text);
    },
  ),
  each('frames of gRPC-Web', spoil, (change) => {
    const frame = readUnaryFrame(change(new Uint8Array([0, 0, 0, 0, 3, 1, 2, 3])));
    if (typeof frame !== 'string') expect(frame.length).toBeLessThan(90_000);
  }),
  each('gRPC-Web in base64', nearly('AAAAAAMBAgM=', 'AAAA=AMB'), (text) => {
    const bytes = decodeText(utf8(text));
    if (bytes !== null) expect(bytes.length).toBeLessThanOrEqual(text.length);
  }),
];

describe('no text is too much for the parser of', () => {
  it.each(TEXTS)('%s', (_, run) => run(), TIMEOUT);
});

describe('no header is too much for the parser of', () => {
  it.each(HEADERS)('%s', (_, run) => run(), TIMEOUT);
});

describe('no body is too much for the parser of', () => {
  it.each(BODIES)('%s', (_, run) => run(), TIMEOUT);
});

cheapenHashes();
