// The body of /change-temporary-password: its media types, its JSON, and the rules of its fields.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as t from '../../support/tenant.ts';
import { call, expectError, expectTokens, refillBuckets, toBytes } from './call.ts';

const PATH = '/change-temporary-password';
const FIELDS = ['userID', 'newPassword', 'session'] as const;
/** Well-formed, and of nobody: it gets as far as the proof. */
const NOBODYS = {
  userID: 'nobody',
  newPassword: 'violet harbour at dawn',
  session: 'of-nobody',
} as const;

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

function change(body: unknown, headers: Record<string, string | null> = {}) {
  return call(tenant, PATH, { body, headers });
}

describe('a field', () => {
  it('is fine where it is a string', async () => {
    expectError(await change(NOBODYS), 401, PATH);
  });

  const wrongs: [string, unknown][] = [
    ['is missing', undefined],
    ['is empty', ''],
    ['is null', null],
    ['is a number', 7],
    ['is true', true],
    ['is false', false],
    ['is an array', ['text']],
    ['is an object', { $gt: '' }],
  ];
  it.each(FIELDS.flatMap((field) => wrongs.map(([what, value]) => [field, what, value] as const)))(
    '%s is refused by its name when it %s',
    async (field, _, value) => {
      const detail = expectError(await change({ ...NOBODYS, [field]: value }), 400, PATH);
      for (const name of FIELDS) {
        const expected = expect(detail);
        if (name === field) expected.toContain(name);
        else expected.not.toContain(name);
      }
    },
  );

  it('is refused by its name beside others that are wrong', async () => {
    const detail = expectError(await change({}), 400, PATH);
    for (const name of FIELDS) expect(detail).toContain(name);
  });

  it.each([
    ['a NUL', 'no\u0000body'],
    ['a line break', 'no\nbody'],
    ['a zero width space', 'no\u200bbody'],
    ['a direction mark', 'no\u202ebody'],
    ['a lone surrogate', 'no\ud800body'],
    ['201 characters', 'n'.repeat(201)],
  ])('userID is refused with %s', async (_, userID) => {
    expect(expectError(await change({ ...NOBODYS, userID }), 400, PATH)).toContain('userID');
  });

  it.each([
    ['newPassword', { ...NOBODYS, newPassword: 'p'.repeat(10_000) }],
    ['session', { ...NOBODYS, session: 's'.repeat(10_000) }],
  ])('%s is refused when it is absurdly long', async (field, body) => {
    expect(expectError(await change(body), 400, PATH)).toContain(field);
  });

  it('is not taken from the query or the headers', async () => {
    const { session, ...rest } = NOBODYS;
    const answer = await call(tenant, `${PATH}?session=${session}`, {
      body: rest,
      headers: { session },
    });
    expect(expectError(answer, 400, PATH)).toContain('session');
  });

  it('is not inherited from a prototype', async () => {
    const inner = JSON.stringify(NOBODYS);
    for (const text of [`{"__proto__":${inner}}`, `{"constructor":{"prototype":${inner}}}`]) {
      const detail = expectError(await change(text), 400, PATH);
      for (const name of FIELDS) expect(detail).toContain(name);
    }
    expect(Object.hasOwn(Object.prototype, 'session')).toBe(false);
  });
});

describe('the names of fields', () => {
  it.each([
    ['userid', 'newpassword', 'session'],
    ['USERID', 'NEWPASSWORD', 'SESSION'],
    ['UserId', 'NewPassword', 'Session'],
  ])('match without regard to case: %s, %s, %s', async (userID, newPassword, session) => {
    const user = await t.makeUser(tenant, { temporary: true });
    const body = {
      [userID]: user.userId,
      [newPassword]: t.newPassword(),
      [session]: await t.openChallenge(tenant, user),
    };
    expectTokens(await change(body));
  });

  it('are ignored when they are unknown, and give no rights', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const newPassword = t.newPassword();
    const answer = await change({
      userID: user.userId,
      newPassword,
      session: await t.openChallenge(tenant, user),
      role: 'admin',
      tenantId: 'another',
      mustChange: true,
      data: { userID: 'nobody' },
      extra: [null, 1, { session: '' }],
    });
    expectTokens(answer);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      mustChangePassword: false,
      passwordVersion: 2,
    });
    const login = await t.zapLogin(tenant, user.email, newPassword);
    expect(login.body.data).toMatchObject({ id: user.userId, roleId: 'user' });
  });

  it.each([
    ['twice', '"userID":"a","userID":"a"'],
    ['in two spellings', '"userID":"a","userId":"b"'],
    ['twice, once escaped', '"userID":"a","user\\u0049D":"b"'],
    ['in two spellings, the other way round', '"USERID":"b","userID":"a"'],
  ])('may not come %s', async (_, names) => {
    const text = `{${names},"newPassword":"violet harbour at dawn","session":"s"}`;
    expectError(await change(text), 400, PATH);
  });

  it('may not come twice for a secret either', async () => {
    for (const name of ['newPassword', 'session'] as const) {
      const text = JSON.stringify(NOBODYS).replace(/}$/, `,"${name.toUpperCase()}":"other"}`);
      expectError(await change(text), 400, PATH);
    }
  });
});

describe('a body', () => {
  const utf16 = new Uint8Array([...JSON.stringify(NOBODYS)].flatMap((c) => [c.charCodeAt(0), 0]));
  const text = JSON.stringify(NOBODYS);
  const [head = '', tail = ''] = text.split('dawn');
  it.each<[string, unknown]>([
    ['is empty', ''],
    ['is cut off', text.slice(0, -1)],
    ['has a trailing comma', text.replace(/}$/, ',}')],
    ['has a comment', `${text} // fine`],
    ['has single quotes', text.replaceAll('"', "'")],
    ['goes on after its end', `${text}{}`],
    ['is null', 'null'],
    ['is a string', '"text"'],
    ['is a number', '42'],
    ['is an array', `[${text}]`],
    ['begins with a byte order mark', `\ufeff${text}`],
    ['is UTF-16', utf16],
    ['is not UTF-8', new Uint8Array([...toBytes(head), 0xff, 0xfe, ...toBytes(tail)])],
    ['is cut within a character', new Uint8Array([...toBytes(head), 0xc3, ...toBytes(tail)])],
    ['has a raw NUL', text.replace('dawn', '\u0000dawn')],
    ['is a form', 'userID=nobody&newPassword=violet&session=s'],
    ['is too deep', `{"extra":${'['.repeat(4000)}${']'.repeat(4000)},${text.slice(1)}`],
  ])('is refused when it %s, and not echoed', async (_, body) => {
    const answer = await change(body);
    expectError(answer, 400, PATH);
    expect(answer.text).not.toContain('violet');
  });
});

describe('the media type of a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'text/json',
    'text/json; charset=utf-8',
    'application/vnd.vba.v1+json',
    'application/merge-patch+json',
    'application/problem+json; charset=utf-8',
  ])('may be %s', async (type) => {
    expectError(await change(NOBODYS, { 'content-type': type }), 401, PATH);
  });

  it.each([
    [null],
    [''],
    ['text/plain'],
    ['text/plain;charset=UTF-8'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/xml'],
    ['application/octet-stream'],
    ['application/jsonp'],
    ['application/json5'],
    ['application/+json'],
    ['application/*+json'],
    ['text/vnd.vba+json'],
    ['*/*'],
    ['json'],
    ['application/json, text/json'],
    ['application/json; charset=utf-16'],
    ['application/json; charset=iso-8859-1'],
    ['text/json; charset=utf-16le'],
    ['application/vnd.vba+json; charset=utf-7'],
  ])('may not be "%s"', async (type) => {
    expectError(await change(NOBODYS, { 'content-type': type }), 415, PATH);
  });
});
