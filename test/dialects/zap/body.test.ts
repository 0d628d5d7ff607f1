// The body of /v1/changePassword: JSON and forms, the rules of its fields, and what is refused before it is read.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectFailure, expectUpdated, toBytes } from './call.ts';

const PATH = '/v1/changePassword';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** Well-formed, and of nobody: it gets as far as the user. */
const NOBODYS = {
  userId: 'nobody',
  email: 'nobody@mail.example',
  oldPassword: 'violet harbour at dusk',
  newPassword: 'violet harbour at dawn',
} as const;
const FIELDS = ['userId', 'email', 'oldPassword', 'newPassword'] as const;
const NO_SUCH_USER = /do not name a user/;

let tenant: t.TestTenant;
let token: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  token = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

function change(body: unknown, headers = {}): Promise<Answer> {
  return call(tenant, PATH, { token, body, headers });
}

async function expectRead(asked: Promise<Answer>): Promise<void> {
  expect(expectFailure(await asked, 400)).toMatch(NO_SUCH_USER);
}

async function expectUnread(asked: Promise<Answer>): Promise<string> {
  const answer = await asked;
  const text = expectFailure(answer, 400);
  expect(text).not.toMatch(NO_SUCH_USER);
  expect(answer.text).not.toContain('violet');
  return text;
}

function toForm(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}

describe('the paths', () => {
  it.each([
    '/v1/changePassword',
    '/v1/changePassword/',
    '/api/v1/changePassword',
    '/api/v1/changePassword/',
  ])('%s changes a password', async (path) => {
    const user = await t.makeUser(tenant);
    const { userId, email, password } = user;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    expectUpdated(await call(tenant, path, { token, body }));
    expect((await t.readUser(tenant, userId)).passwordVersion).toBe(2);
  });

  it.each(['/v1', '/v1/', '/v1/nowhere', '/api', '/api/v1/nowhere', '/v1/changePassword/more'])(
    '%s is not there',
    async (path) => {
      expectFailure(await call(tenant, path, { token, body: NOBODYS }), 404);
      expectFailure(await send(path), 404);
    },
  );

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('refuse %s', async (method) => {
    for (const path of [PATH, `${PATH}/`, `/api${PATH}`, '/v1/login', '/api/v1/login/']) {
      const answer = await call(tenant, path, { method, token });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      if (method !== 'HEAD') expectFailure(answer, 405);
    }
  });

  it('refuse a body over 16 KiB, with a length and without', async () => {
    const body = new Uint8Array(16 * 1024 + 1).fill(0x20);
    for (const path of [PATH, '/api/v1/login/']) {
      for (const headers of [{}, { 'content-length': String(body.length) }]) {
        expectFailure(await call(tenant, path, { token, body, headers }), 413);
      }
    }
    await expectRead(change(JSON.stringify(NOBODYS).padEnd(16 * 1024)));
  });
});

describe('a field', () => {
  it('is fine where it is a string', async () => {
    await expectRead(change(NOBODYS));
  });

  const wrongs: [string, unknown][] = [
    ['is missing', undefined],
    ['is empty', ''],
    ['is null', null],
    ['is a number', 7],
    ['is true', true],
    ['is an array', ['text']],
    ['is an object', { $gt: '' }],
  ];
  it.each(FIELDS.flatMap((field) => wrongs.map(([what, value]) => [field, what, value] as const)))(
    '%s is refused by its name when it %s',
    async (field, _, value) => {
      const text = await expectUnread(change({ ...NOBODYS, [field]: value }));
      for (const name of FIELDS) {
        const expected = expect(text);
        if (name === field) expected.toContain(name);
        else expected.not.toContain(name);
      }
    },
  );

  it.each([
    ['empty', ''],
    ['null', null],
    ['a number', 123_456],
    ['true', true],
    ['an array', ['ABCDEFGH']],
    ['an object', {}],
    ['not letters and digits', "' OR 1=1 --"],
    ['too long', 'A'.repeat(21)],
  ])('secureOTP is refused by its name when it is %s, under either name', async (_, value) => {
    for (const name of ['secureOTP', 'otp']) {
      expect(await expectUnread(change({ ...NOBODYS, [name]: value }))).toContain('secureOTP');
    }
  });

  it.each([
    ['email', { email: `${'e'.repeat(316)}@x.de` }],
    ['email', { email: 'nobody\n@mail.example' }],
    ['userId', { userId: 'n'.repeat(201) }],
    ['userId', { userId: 'no\0body' }],
    ['userId', { userId: 'no\u200bbody' }],
    ['oldPassword', { oldPassword: 'p'.repeat(5000) }],
    ['newPassword', { newPassword: 'p'.repeat(5000) }],
  ])('%s is refused when it is too long or unclean', async (field, over) => {
    expect(await expectUnread(change({ ...NOBODYS, ...over }))).toContain(field);
  });

  it('email may have 320 characters', async () => {
    await expectRead(change({ ...NOBODYS, email: `${'e'.repeat(315)}@x.de` }));
  });

  it('that is unknown is ignored, and gives no rights', async () => {
    const user = await t.makeUser(tenant);
    const { userId, email, password } = user;
    const newPassword = t.newPassword();
    const extra = { role: 'admin', roleId: 'admin', tenantId: 'x', mustChange: true, username: 7 };
    const body = { ...extra, userId, email, oldPassword: password, newPassword };
    expectUpdated(await change(body));
    const login = await t.zapLogin(tenant, email, newPassword);
    expect(login.body.data).toMatchObject({ username: user.username, roleId: 'user' });
  });

  it('is not inherited from a prototype', async () => {
    const text = await expectUnread(change(`{"__proto__":${JSON.stringify(NOBODYS)}}`));
    for (const name of FIELDS) expect(text).toContain(name);
    expect(Object.hasOwn(Object.prototype, 'userId')).toBe(false);
  });

  it('is not taken from the query', async () => {
    const { oldPassword, ...rest } = NOBODYS;
    const path = `${PATH}?${toForm({ oldPassword })}`;
    expect(await expectUnread(call(tenant, path, { token, body: rest }))).toContain('oldPassword');
  });

  it.each([
    ['userId', '"userId":"nobody","userId":"nobody"'],
    ['userId, once escaped', '"userId":"nobody","user\\u0049d":"somebody"'],
    ['secureOTP', '"userId":"nobody","secureOTP":"ABCD2345","otp":"ABCD2345"'],
  ])('may not come twice: %s', async (_, names) => {
    const { userId: _userId, ...rest } = NOBODYS;
    await expectUnread(change(`{${names},${JSON.stringify(rest).slice(1)}`));
  });
});

describe('a JSON body', () => {
  const text = JSON.stringify(NOBODYS);
  const [head = '', tail = ''] = text.split('dawn');
  it.each<[string, unknown]>([
    ['is empty', ''],
    ['is cut off', text.slice(0, -1)],
    ['has a trailing comma', text.replace(/}$/, ',}')],
    ['goes on after its end', `${text}1`],
    ['is null', 'null'],
    ['is an array', `[${text}]`],
    ['is a string', JSON.stringify(text)],
    ['begins with a byte order mark', `\ufeff${text}`],
    ['is not UTF-8', new Uint8Array([...toBytes(head), 0xff, ...toBytes(tail)])],
    ['is a form', toForm(NOBODYS)],
  ])('is refused when it %s, and not echoed', async (_, body) => {
    await expectUnread(change(body));
  });
});

describe('a form', () => {
  it('changes a password, with spaces and signs in it', async () => {
    const user = await t.makeUser(tenant, { password: 'a b+c%20d & e=f caf\u00e9' });
    const newPassword = 'plus + percent %41 & \u6e2f\u53e3';
    const { userId, email, password: oldPassword } = user;
    const body = toForm({ userId, email, oldPassword, newPassword });
    expectUpdated(await change(body, FORM));
    expect((await t.zapLogin(tenant, email, newPassword)).status).toBe(200);
  });

  it.each([
    ['is empty', ''],
    ['lacks a field', toForm({ ...NOBODYS, email: '' })],
    ['gives a field twice', `${toForm(NOBODYS)}&userId=nobody`],
    ['gives the code under both names', `${toForm(NOBODYS)}&otp=ABCD2345&secureOTP=ABCD2345`],
    ['has a field as a list', toForm(NOBODYS).replace('userId=', 'userId[]=')],
    ['has a broken escape', `${toForm(NOBODYS)}%`],
    ['has an escape that is not UTF-8', `${toForm(NOBODYS)}%FF`],
    ['is JSON', JSON.stringify(NOBODYS)],
  ])('is refused when it %s', async (_, body) => {
    await expectUnread(change(body, FORM));
  });

  it('may name its charset', async () => {
    const type = `${FORM['content-type']}; charset=UTF-8`;
    await expectRead(change(toForm(NOBODYS), { 'content-type': type }));
  });
});

describe('the media type of a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('may be %s', async (type) => {
    await expectRead(change(NOBODYS, { 'content-type': type }));
  });

  it.each([
    [null],
    [''],
    ['text/plain'],
    ['text/json'],
    ['application/vnd.zap+json'],
    ['application/xml'],
    ['multipart/form-data; boundary=x'],
    ['application/json, application/json'],
    ['application/json; charset=utf-16'],
    ['application/x-www-form-urlencoded; charset=iso-8859-1'],
  ])('may not be "%s"', async (type) => {
    expectFailure(await change(NOBODYS, { 'content-type': type }), 415);
    const login = { body: { identity: 'x', password: 'y' }, headers: { 'content-type': type } };
    expectFailure(await call(tenant, '/v1/login', login), 415);
  });
});
