// What every route that reads a body asks of it: its media type, its JSON, its fields, and the case of their names.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  BODIES,
  call,
  callAs,
  expectError,
  MEMBER_ROUTES,
  refillBuckets,
  signIn,
  type Tokens,
} from './call.ts';

/** Where null is a field that was not set. */
const OPTIONAL = ['temporaryPassword'];
const SEEN = 'violet';

let tenant: t.TestTenant;
let tokens: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
  // Of no administrator: a right body gets no further than 403.
  tokens = await signIn(tenant, await t.makeUser(tenant));
});

beforeEach(refillBuckets);

function isMember(path: string): boolean {
  return (MEMBER_ROUTES as readonly string[]).includes(path);
}

function ask(path: string, body: unknown, headers: Record<string, string | null> = {}) {
  const options = { body, headers };
  return isMember(path) ? callAs(tenant, tokens, path, options) : call(tenant, path, options);
}

/** It came as far as it does with a right body. */
function expectRead(answer: Answer, path: string): void {
  const status = isMember(path) ? 403 : path === '/forgot-password' ? 501 : 401;
  expectError(answer, status, path);
}

describe.each(Object.entries(BODIES))('%s', (path, right) => {
  const names = Object.keys(right);
  const required = names.filter((name) => !OPTIONAL.includes(name));
  const text = JSON.stringify(right);

  it('reads a right body', async () => {
    expectRead(await ask(path, right), path);
  });

  it.each(names)('refuses a %s that is no text, by its name', async (name) => {
    for (const value of ['', 7, true, ['text'], { $gt: '' }, 's'.repeat(10_000)]) {
      const detail = expectError(await ask(path, { ...right, [name]: value }), 400, path);
      expect(detail).toContain(name);
      for (const other of names) if (other !== name) expect(detail).not.toContain(other);
    }
  });

  it.each(required)('refuses a missing %s, and null, by its name', async (name) => {
    for (const value of [undefined, null]) {
      const detail = expectError(await ask(path, { ...right, [name]: value }), 400, path);
      expect(detail).toContain(name);
    }
  });

  it.each(names)('reads %s in any case, but once', async (name) => {
    const { [name]: value, ...others } = right;
    for (const spelling of [name.toLowerCase(), name.toUpperCase()]) {
      expectRead(await ask(path, { ...others, [spelling]: value }), path);
      const twice = `{${JSON.stringify(spelling)}:"other",${text.slice(1)}`;
      if (spelling !== name) expectError(await ask(path, twice), 400, path);
    }
    expectError(await ask(path, `{"${name}":"other",${text.slice(1)}`), 400, path);
  });

  it('ignores fields that it does not know, in however many spellings', async () => {
    const more = { unknown: 1, UNKNOWN: 2, Unknown: null, roles: ['admin'], data: { a: {} } };
    expectRead(await ask(path, { ...more, ...right }), path);
  });

  it.each<[string, unknown]>([
    ['is not there', undefined],
    ['is empty', ''],
    ['is cut off', text.slice(0, -1)],
    ['goes on after its end', `${text}{}`],
    ['is null', 'null'],
    ['is an array', `[${text}]`],
    ['is a form', 'userID=violet'],
    ['is too deep', `{"extra":${'['.repeat(4000)}${']'.repeat(4000)},${text.slice(1)}`],
    ['is not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ])('refuses a body that %s, without an echo', async (_, body) => {
    const answer = await ask(path, body, { 'content-type': 'application/json' });
    expectError(answer, 400, path);
    expect(answer.text).not.toContain(SEEN);
  });

  it('reads JSON under its three kinds of names', async () => {
    for (const type of ['application/json', 'text/json; charset=utf-8', 'application/x.y+json']) {
      expectRead(await ask(path, right, { 'content-type': type }), path);
    }
  });

  it('refuses every other media type', async () => {
    const types = [
      null,
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'text/x.y+json',
    ];
    for (const type of types) {
      expectError(await ask(path, right, { 'content-type': type }), 415, path);
    }
  });

  it('says what is wrong with the caller before it reads the body', async () => {
    expectError(await ask(path, '{', { 'x-api-key': null }), 401, path);
    expectError(await ask(path, '{', { 'vbasoftware-database': null }), 400, path);
    if (isMember(path)) expectError(await ask(path, '{', { authorization: null }), 401, path);
  });
});
