// The router finds what Hono's trie finds, the second time as the first.
import { TrieRouter } from 'hono/router/trie-router';
import { expect, it } from 'vitest';
import { RememberingRouter } from '../../src/wire/router.ts';

const ROUTES: readonly [method: string, path: string][] = [
  ['ALL', '/*'],
  ['POST', '/v1/login'],
  ['GET', '/v1/users/:id'],
  ['GET', '/v1/users/me'],
  ['ALL', '/v1/users/me'],
  ['PUT', '/v1/users/:id'],
  ['ALL', '/v1/2fa/*'],
];
const ASKED: readonly [method: string, path: string][] = [
  ['POST', '/v1/login'],
  ['GET', '/v1/login'],
  ['BREW', '/v1/login'],
  ['POST', '/v1/login/'],
  ['GET', '/v1/users/me'],
  ['PUT', '/v1/users/me'],
  ['BREW', '/v1/users/me'],
  ['GET', '/v1/users/1'],
  ['GET', '/v1/users/2'],
  ['GET', '/v1/2fa/setup'],
  ['GET', '/v1/2fa/*'],
  ['GET', '/v1/users/:id'],
  ['GET', '/nothing'],
];

it.each(ASKED)('%s %s', (method, path) => {
  const trie = new TrieRouter<string>();
  const router = new RememberingRouter<string>();
  for (const [on, pattern] of ROUTES) {
    trie.add(on, pattern, `${on} ${pattern}`);
    router.add(on, pattern, `${on} ${pattern}`);
  }
  const found = trie.match(method, path);
  for (const time of [1, 2, 3]) expect([time, router.match(method, path)]).toEqual([time, found]);
});

it('keeps the methods of a path apart', () => {
  const router = new RememberingRouter<string>();
  router.add('GET', '/a', 'read');
  router.add('POST', '/a', 'write');
  const handlersOf = (method: string) => router.match(method, '/a')[0].map(([handler]) => handler);
  for (const _ of [1, 2]) {
    expect(handlersOf('GET')).toEqual(['read']);
    expect(handlersOf('POST')).toEqual(['write']);
    expect(handlersOf('DELETE')).toEqual([]);
  }
});

it('asks the trie once for what is the same for everybody', () => {
  const router = new RememberingRouter<string>();
  router.add('GET', '/a', 'read');
  router.add('GET', '/a/:id', 'read one');
  expect(router.match('GET', '/a')).toBe(router.match('GET', '/a'));
  expect(router.match('GET', '/a/1')).not.toBe(router.match('GET', '/a/1'));
  expect(router.match('BREW', '/a')).not.toBe(router.match('BREW', '/a'));
});
