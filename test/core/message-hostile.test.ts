// The texts of messages with whatever in the values: none is ever more than a value.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type MessageFields, renderMessage } from '../../src/core/message-text.ts';
import {
  type Language,
  MESSAGE_WORDS,
  type MessageActor,
  type MessageKind,
  type MessageTemplate,
} from '../../src/core/message-words.ts';

const FIELDS: MessageFields = {
  TenantName: 'Acme',
  UserId: 'ann',
  actor: 'user',
  Code: 'ABCD2345',
  Url: 'https://login.example/',
  at: Date.UTC(2026, 2, 1),
  codeLife: 600,
};
const KINDS = Object.keys(MESSAGE_WORDS) as readonly MessageKind[];
const LANGUAGES: readonly Language[] = ['en', 'de'];
const ACTORS: readonly MessageActor[] = ['user', 'administrator', 'unknown'];

/** By a tenant's own template. */
const render = (template: Partial<MessageTemplate>, UserId: string) =>
  renderMessage(
    'password.reset',
    'en',
    { ...FIELDS, UserId },
    {
      'password.reset': { en: { subject: 'Code', text: '{{.Code}}', ...template } },
    },
  );

const LINE_ENDS = /[\p{Cc}\u2028\u2029]/u;
const piece = fc.oneof(
  fc.constantFrom(
    ...['<script>', '</p>', '"', "'", '&', '<', '>', '{{.Code}}', '{{.Url}}', '{{', '}}', '$&'],
    ...['\r\nBcc: x@evil.example', '\n\n', '\r', '\0', '\x1b', '\x7f', '\u0085', '\u2028'],
    ...['\u2029', '\u202e', '\u2066', '\u200f', '\u061c', '\ud800', 'https://evil.example'],
  ),
  fc.string({ unit: 'binary' }),
);
const value = fc.array(piece, { maxLength: 6 }).map((some) => some.join(''));
const fields = fc.record({
  TenantName: value,
  UserId: value,
  Code: value,
  Url: value.map((path) => `https://login.example/${path}`),
  actor: fc.constantFrom(...ACTORS),
});
const tame = { TenantName: 'T', UserId: 'U', Code: 'C', Url: 'https://login.example/' };
const message = fc.record({
  kind: fc.constantFrom(...KINDS),
  language: fc.constantFrom(...LANGUAGES),
  hostile: fields,
});
/** What stands for words falls away: the tags remain. */
const readTags = (html: string) => html.replace(/href="[^"]*"/g, 'href').match(/<[^>]*>/g);

it('takes no line, no header and no turned words from a value', () => {
  fc.assert(
    fc.property(message, ({ kind, language, hostile }) => {
      const shown = renderMessage(kind, language, { ...FIELDS, ...hostile }, {});
      const calm = renderMessage(kind, language, { ...FIELDS, ...hostile, ...tame }, {});
      expect(shown.subject).not.toMatch(LINE_ENDS);
      expect(shown.text.split('\n').length).toBe(calm.text.split('\n').length);
      expect(shown.text.replaceAll('\n', '')).not.toMatch(LINE_ENDS);
      for (const text of [shown.subject, shown.text, shown.html]) {
        expect(text).not.toMatch(/\p{Bidi_Control}/u);
        expect(text.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

it('takes no tag, no attribute and no other link into the html from a value', () => {
  fc.assert(
    fc.property(message, ({ kind, language, hostile }) => {
      const shown = renderMessage(kind, language, { ...FIELDS, ...hostile }, {});
      const calm = renderMessage(kind, language, { ...FIELDS, ...hostile, ...tame }, {});
      expect(readTags(shown.html)).toEqual(readTags(calm.html));
      for (const [, href] of shown.html.matchAll(/href="([^"]*)"/g)) {
        expect(href).toMatch(/^https:\/\/login\.example\//);
      }
    }),
    { numRuns: 500 },
  );
});

it('keeps a value in its place in an html of the tenant, in words and in both kinds of quotes', () => {
  const html = `<p title="{{.UserId}}" class='{{.UserId}}'>{{.UserId}}</p>{{.Code}}`;
  fc.assert(
    fc.property(value, (UserId) => {
      const shown = render({ html }, UserId).html;
      const [, first, second, third] =
        /^<p title="([^"]*)" class='([^']*)'>([^<]*)<\/p>ABCD2345$/.exec(shown) ?? [];
      expect(first).toBeDefined();
      expect([second, third]).toEqual([first, first]);
      expect(first).not.toMatch(/[<>"']/);
    }),
    { numRuns: 500 },
  );
});

it('does not read a value as a template', () => {
  const shown = render(
    { subject: '{{.UserId}}', text: '{{.UserId}} {{.Code}}', html: '{{.UserId}} {{.Code}}' },
    '{{.Code}}{{.Nothing}}{{',
  );
  expect(shown).toEqual({
    subject: '{{.Code}}{{.Nothing}}{{',
    text: '{{.Code}}{{.Nothing}}{{ ABCD2345',
    html: '{{.Code}}{{.Nothing}}{{ ABCD2345',
  });
});

it('makes every control in a value a blank', () => {
  const UserId = 'a\r\nb\u0085c\u2028d\u202ee\0';
  const template = { subject: 'Of\n{{.UserId}}', text: '{{.Code}} {{.UserId}}' };
  expect(render(template, UserId)).toMatchObject({
    subject: 'Of a  b c de',
    text: 'ABCD2345 a  b c de ',
  });
});
