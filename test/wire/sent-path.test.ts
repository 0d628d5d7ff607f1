// The path as it was sent, whichever way it is told.
import fc from 'fast-check';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { hasCleanPath, readSentPath } from '../../src/wire/sent-path.ts';

const app = new Hono();
app.all('*', (c) => c.text(readSentPath(c.req)));

async function tell(path: string): Promise<string> {
  return (await app.request(`https://rekey.example${path}`)).text();
}

it.each([
  ['/v1/login', '/v1/login'],
  ['/v1/login/', '/v1/login/'],
  ['/v1/login?secret=x', '/v1/login'],
  ['/v1/login?secret=%41', '/v1/login'],
  ['/%41', '/%41'],
  ['/a%2Fb', '/a%2Fb'],
  ['/%3Cscript%3E', '/%3Cscript%3E'],
  ['/<b>', '/%3Cb%3E'],
  ['/a/../b', '/b'],
  ['//a', '//a'],
  ['/', '/'],
  ['/\u00e9', '/%C3%A9'],
])('%s is %s', async (sent, told) => {
  expect(await tell(sent)).toBe(told);
});

it('is what a URL says, of any path', async () => {
  const letter = fc.constantFrom(...('aZ09-_~.%/:;<>"\'?#é\u{1f600}'.match(/./gu) ?? []));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: letter }), async (text) => {
      const url = new URL(`https://rekey.example/${text}`);
      expect(await tell(`/${text}`)).toBe(url.pathname);
    }),
  );
});

it.each([
  ['/', true],
  ['/a%2Fb', true],
  ['/%C3%A9%F0%9F%94%91', true],
  ['/%25ff', true],
  ['/a?b=%ff', true],
  ['/%', false],
  ['/%zz', false],
  ['/%ff', false],
  ['/%C3', false],
  ['/%ED%A0%80', false],
])('%s is clean: %s', (path, isClean) => {
  expect(hasCleanPath(`https://rekey.example${path}`)).toBe(isClean);
});
