// Which of several types an Accept header likes best.
import { expect, it } from 'vitest';
import { negotiateType } from '../../src/wire/negotiate.ts';

const [PLAIN, JSON_TYPE, TEXT_JSON] = ['text/plain', 'application/json', 'text/json'] as const;
const SUPPORTED = [PLAIN, JSON_TYPE, TEXT_JSON] as const;

it.each([
  [undefined, PLAIN],
  ['', PLAIN],
  ['*/*', PLAIN],
  ['application/json', JSON_TYPE],
  ['Application/JSON', JSON_TYPE],
  ['application/json; charset=utf-8', JSON_TYPE],
  ['text/json', TEXT_JSON],
  ['application/json, text/json', JSON_TYPE],
  ['text/json, application/json', JSON_TYPE],
  ['application/json;q=0.5, text/json', TEXT_JSON],
  ['text/json;q=0.4, application/json;q=0.5, text/plain;q=0.3', JSON_TYPE],
  ['application/*', JSON_TYPE],
  ['text/*', PLAIN],
  ['text/*;q=0.5, text/json', TEXT_JSON],
  ['text/*, text/plain;q=0.1', TEXT_JSON],
  ['*/*;q=0.1, application/json', JSON_TYPE],
  ['*/*, text/plain;q=0', JSON_TYPE],
  ['text/html, application/xhtml+xml, */*;q=0.8', PLAIN],
  ['application/json;q=0, text/json;q=0.1', TEXT_JSON],
  ['application/json;q=0.001', JSON_TYPE],
  ['image/png', PLAIN],
  ['application/json;q=0', PLAIN],
  ['application', PLAIN],
  ['json', PLAIN],
  [',,,', PLAIN],
  [';q=1', PLAIN],
])('%j gets %s', (header, type) => {
  expect(negotiateType(header, SUPPORTED)).toBe(type);
});

it('gives what it was offered, whatever the header', () => {
  for (const header of ['application/json\0', '*/*;q=NaN', 'a/b;q=-1', `${'x/y,'.repeat(1000)}`]) {
    expect(SUPPORTED).toContain(negotiateType(header, SUPPORTED));
  }
  expect(negotiateType('text/html', ['application/json'])).toBe('application/json');
});
