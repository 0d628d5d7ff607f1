// Which Authorization headers hold one Bearer token.
import { expect, it } from 'vitest';
import { readBearer } from '../../src/wire/bearer.ts';

it.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER abc', 'abc'],
  ['Bearer a.b-c_d~e+f/g', 'a.b-c_d~e+f/g'],
  ['Bearer abc==', 'abc=='],
])('%j holds %j', (header, token) => {
  expect(readBearer(header)).toBe(token);
});

it.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  'Bearer  abc',
  'Bearer\tabc',
  ' Bearer abc',
  'Bearer abc ',
  'Bearer abc\n',
  'Bearer a b',
  'Bearer a, Bearer b',
  'Bearer a,b',
  'Bearer a=b',
  'Bearer =',
  'Bearer a\u00e9',
  'Bearer "abc"',
  'Bearerabc',
  'Basic abc',
  'Token abc',
  'DPoP abc',
  'abc',
  'xBearer abc',
])('%j holds none', (header) => {
  expect(readBearer(header)).toBeNull();
});
