// Templates of links, with whatever in them: never a link of another origin, never a value that is more than a value.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLinkTemplate, makeLink } from '../../src/core/url-template.ts';

const HOME = 'https://login.example/reset#{{.Code}}';
const FIELDS = { UserID: 'user-1', Code: 'ABCDEFGH', OrgID: 'db_1' };

it('makes the link of the tenant, and of a template beside it', () => {
  expect(makeLink(HOME, HOME, FIELDS)).toEqual({
    ok: true,
    value: 'https://login.example/reset#ABCDEFGH',
  });
  expect(makeLink('https://login.example/{{.UserID}}{{.OrgID}}', HOME, FIELDS)).toEqual({
    ok: true,
    value: 'https://login.example/user-1db_1',
  });
});

it('never leaves the origin, whatever the template is', () => {
  const pieces = fc.constantFrom(
    ...['https:', 'http:', 'blob:', '//', '/', '\\', '@', ':', '#', '?', '.', '\t', '\n', '%2f'],
    ...['login.example', 'evil.example', '443', '{{.UserID}}', '{{.Code}}', '{{', '}}', ' '],
  );
  const template = fc.array(pieces, { maxLength: 12 }).map((some) => some.join(''));
  const asGiven = fc.oneof(
    template,
    template.map((rest) => `https://login.example${rest}`),
  );
  let made = 0;
  fc.assert(
    fc.property(asGiven, fc.string(), (text, UserID) => {
      const link = makeLink(text, HOME, { ...FIELDS, UserID });
      if (!link.ok) return;
      made += 1;
      const url = new URL(link.value);
      expect([url.protocol, url.host, url.username, url.password]).toEqual([
        'https:',
        'login.example',
        '',
        '',
      ]);
    }),
    { numRuns: 3000 },
  );
  expect(made).toBeGreaterThan(100);
});

it.each([
  ['http://localhost:3000/', 'https://localhost:3000/'],
  ['https://localhost:3000/', 'http://localhost:3000/'],
  ['http://localhost:3000/', 'http://127.0.0.1:3000/'],
  ['http://localhost:3000/', 'http://localhost:3001/'],
])('does not lead from %s to %s', (home, template) => {
  expect(makeLink(home, home, FIELDS)).toEqual({ ok: true, value: home });
  expect(makeLink(template, home, FIELDS)).toEqual({ ok: false, failure: 'origin' });
});

it.each(['http://login.example/', 'no address', 'https://login.example/{{.Nothing}}'])(
  'makes none where the own one is none: %s',
  (home) => {
    const link = makeLink('https://login.example/', home, FIELDS);
    expect(link).toEqual({ ok: false, failure: 'origin' });
  },
);

it('keeps every value in its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (UserID) => {
      const template = 'https://login.example/reset?user={{.UserID}}&after=1#{{.UserID}}';
      const link = makeLink(template, HOME, { ...FIELDS, UserID });
      const url = new URL(link.ok ? link.value : '');
      expect([...url.searchParams]).toEqual([
        ['user', UserID],
        ['after', '1'],
      ]);
      expect(decodeURIComponent(url.hash.slice(1))).toBe(UserID);
    }),
  );
});

it.each([
  ['https://login.example/{{.Code', 'malformed'],
  ['https://login.example/{{.Code|x}}', 'malformed'],
  ['https://login.example/{{.Else}}', 'unknown-field'],
  ['https://login.example/{{.toString}}', 'unknown-field'],
  ['https://evil.example/', 'origin'],
  ['no address', 'origin'],
])('tells what is wrong: %s', (template, failure) => {
  expect(makeLink(template, HOME, FIELDS)).toEqual({ ok: false, failure });
});

it.each([
  ['https://login.example/{{.UserID}}', true],
  ['https://login.example', true],
  ['https://{{.UserID}}/', false],
  ['https://login.example:{{.UserID}}/', false],
  ['https://{{.UserID}}@login.example/', false],
  ['{{.UserID}}://login.example/', false],
  // An address for some values, and none for others.
  ['https://login%5{{.UserID}}.example/', false],
  ['http://login.example/', false],
  ['https://login.example/{{.Nothing}}', false],
])('%s can be the address of a tenant: %s', (template, can) => {
  expect(isLinkTemplate(template)).toBe(can);
});
