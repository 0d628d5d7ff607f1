// A Content-Type header: the bare type, where its text is UTF-8.
import { expect, it } from 'vitest';
import { readMediaType } from '../../src/wire/media-type.ts';

it.each([
  ['application/json', 'application/json'],
  [' Application/JSON ;x=y', 'application/json'],
  ['application/json;charset=UTF-8', 'application/json'],
  ['application/json; charset="utf8"; x=y', 'application/json'],
  ['', ''],
  [undefined, ''],
  ['application/json; charset=iso-8859-1', null],
  ['application/json; charset=utf-8; charset=utf-16', null],
  ['application/json; charset=', null],
])('of %j is %j', (header, type) => {
  expect(readMediaType(header)).toBe(type);
});
