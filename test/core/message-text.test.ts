// The texts of messages: every kind in every language says what it has to, and a tenant's own words are checked.
import { describe, expect, it } from 'vitest';
import {
  chooseLanguage,
  findTemplateFault,
  type MessageFields,
  renderMessage,
} from '../../src/core/message-text.ts';
import {
  type Language,
  MESSAGE_WORDS,
  type MessageActor,
  type MessageKind,
  type MessageTemplate,
  type Templates,
} from '../../src/core/message-words.ts';

const FIELDS: MessageFields = {
  TenantName: 'Acme',
  UserId: 'ann',
  actor: 'user',
  Code: 'ABCD2345',
  Url: 'https://login.example/reset?user=ann&code=ABCD2345',
  at: Date.UTC(2026, 2, 1, 23, 4, 59),
  codeLife: 600,
};
const NOTICE: MessageFields = { ...FIELDS, Code: null, Url: null, codeLife: null };
const KINDS = Object.keys(MESSAGE_WORDS) as readonly MessageKind[];
const CODE_KINDS: readonly MessageKind[] = ['password.reset', 'password.otp'];
const LANGUAGES: readonly Language[] = ['en', 'de'];
const ACTORS: readonly MessageActor[] = ['user', 'administrator', 'unknown'];

const fieldsOf = (kind: MessageKind) => (CODE_KINDS.includes(kind) ? FIELDS : NOTICE);

/** A tenant's own template of a code, in English. */
const own = (template: Partial<MessageTemplate>): Templates => ({
  'password.reset': { en: { subject: 'Code', text: '{{.Code}}', ...template } },
});
const render = (template: Partial<MessageTemplate>, fields: Partial<MessageFields> = {}) =>
  renderMessage('password.reset', 'en', { ...FIELDS, ...fields }, own(template));

it.each<[string | null, Language, Language]>([
  ['de', 'en', 'de'],
  ['DE', 'en', 'de'],
  ['de-CH', 'en', 'de'],
  ['de-Latn-CH-1996', 'en', 'de'],
  ['en-GB', 'de', 'en'],
  ['den', 'en', 'en'],
  ['fr', 'de', 'de'],
  ['fr-DE', 'en', 'en'],
  ['', 'de', 'de'],
  ['toString', 'de', 'de'],
  [null, 'de', 'de'],
])('reads %s, or else %s, as %s', (preferred, fallback, language) => {
  expect(chooseLanguage(preferred, fallback)).toBe(language);
});

describe.each(KINDS)('the built-in words of %s', (kind) => {
  it.each(LANGUAGES)('would pass as a template of a tenant, in %s', (language) => {
    expect(findTemplateFault(kind, MESSAGE_WORDS[kind][language])).toBe(null);
  });

  it.each<[Language, string, string]>([
    ['en', 'by you', '1 March 2026 at 23:04 UTC'],
    ['de', 'von Ihnen', '1. März 2026 um 23:04 Uhr (UTC)'],
  ])('say in %s who did what, where, when, and whom to tell', (language, who, when) => {
    const { subject, text, html } = renderMessage(kind, language, fieldsOf(kind), {});
    const admin =
      language === 'en'
        ? 'the administrator of Acme'
        : 'sagen Sie es bitte .*Administration von Acme';
    expect(subject).toContain('Acme');
    for (const words of [who, when, ' ann ']) expect(text).toContain(words);
    expect(text).toMatch(new RegExp(admin));
    expect(html).toMatch(new RegExp(`^<!doctype html><html lang="${language}">.*charset="utf-8"`));
    expect(text + subject + html).not.toMatch(/[{}]|null|undefined/);
  });

  it.each<[Language, string]>([
    ['en', 'Hello,'],
    ['de', 'Guten Tag,'],
  ])('greet in %s, and have no paragraph without words', (language, greeting) => {
    const { text, html } = renderMessage(kind, language, fieldsOf(kind), {});
    const paragraphs = text.split('\n\n');
    expect(paragraphs[0]).toBe(greeting);
    expect(paragraphs.length).toBeGreaterThan(2);
    for (const paragraph of paragraphs) expect(paragraph).toMatch(/^\S.*\S$/);
    expect(html).not.toMatch(/<p>\s*<\/p>/);
  });

  it('differ by language', () => {
    const [en, de] = LANGUAGES.map((language) => renderMessage(kind, language, NOTICE, {}));
    expect(en?.subject).not.toBe(de?.subject);
    expect(en?.text).not.toBe(de?.text);
  });
});

describe.each(CODE_KINDS)('the message of a code, %s', (kind) => {
  it.each(LANGUAGES)('holds the code, its life and the link, in %s', (language) => {
    const { subject, text, html } = renderMessage(kind, language, FIELDS, {});
    // A subject is seen on a locked screen.
    expect(subject).not.toContain('ABCD2345');
    expect(text).toContain(': ABCD2345\n\n');
    expect(text).toMatch(/ 10 min/i);
    expect(text).toContain('https://login.example/reset?user=ann&code=ABCD2345');
    expect(html).toContain('<strong>ABCD2345</strong>');
    const href = 'https://login.example/reset?user=ann&#38;code=ABCD2345';
    expect(html).toContain(`<a href="${href}">${href}</a>`);
  });

  it.each(LANGUAGES)('has one paragraph less without a link, in %s', (language) => {
    const count = (Url: string | null) => {
      const { text, html } = renderMessage(kind, language, { ...FIELDS, Url }, {});
      return [text.split('\n\n').length, html.split('<p>').length - 1];
    };
    const [paragraphs = 0] = count(FIELDS.Url);
    expect(count(FIELDS.Url)).toEqual([paragraphs, paragraphs]);
    expect(count(null)).toEqual([paragraphs - 1, paragraphs - 1]);
  });
});

it.each([
  ['with the line ends of another system', 'One\r\nhalf\r\n\r\n{{.Code}}', 'One\nhalf\n\nABCD2345'],
  ['with blanks around its paragraphs', '  One \n\n\t{{.Code}} ', 'One\n\nABCD2345'],
  [
    'with a life that the message has not',
    'One\n\n{{.Minutes}} min\n\n{{.Code}}',
    'One\n\nABCD2345',
  ],
])('takes a text %s', (_, text, shown) => {
  expect(render({ text }, { codeLife: null }).text).toBe(shown);
});

it('keeps the words of a subject apart, in one line', () => {
  expect(render({ subject: ' Your\tcode\nhere ' }).subject).toBe('Your code here');
});

it('tells who did it in the words of the language', () => {
  const shown = (kind: MessageKind, language: Language) =>
    ACTORS.map((actor) => {
      const template = { subject: 'x', text: '{{.Actor}}' };
      const templates = { [kind]: { [language]: template } };
      return renderMessage(kind, language, { ...NOTICE, actor }, templates).text;
    });
  expect(shown('password.changed', 'en')).toEqual(['you', 'an administrator', 'somebody unknown']);
  expect(shown('password.changed', 'de')).toEqual([
    'Ihnen',
    'der Administration',
    'einer unbekannten Person',
  ]);
  // Nobody unknown locks an account: too many wrong passwords do.
  expect(shown('account.locked', 'en')[2]).toContain('too many wrong passwords');
  expect(shown('account.locked', 'de')[2]).toContain('zu vielen falschen Passwörtern');
});

it.each([
  [59, '1'],
  [60, '1'],
  [119, '1'],
  [600, '10'],
  [86_400, '1440'],
])('shows a life of %i s as %s minutes', (codeLife, minutes) => {
  expect(render({ text: '{{.Code}} {{.Minutes}}' }, { codeLife }).text).toBe(`ABCD2345 ${minutes}`);
});

it.each<[Language, number, string]>([
  ['en', 0, '1 January 1970 at 00:00 UTC'],
  ['de', Date.UTC(2028, 1, 29, 23, 59), '29. Februar 2028 um 23:59 Uhr (UTC)'],
  ['en', Date.UTC(2026, 11, 31, 12), '31 December 2026 at 12:00 UTC'],
])('shows the time in %s: %i', (language, at, time) => {
  const templates = { 'account.locked': { [language]: { subject: 'x', text: '{{.Time}}' } } };
  expect(renderMessage('account.locked', language, { ...NOTICE, at }, templates).text).toBe(time);
});

describe("a tenant's own words", () => {
  it('replace the built-in ones of that kind and language alone', () => {
    const templates = own({ subject: 'Ours', text: 'Ours: {{ .Code }}' });
    const en = renderMessage('password.reset', 'en', FIELDS, templates);
    expect([en.subject, en.text]).toEqual(['Ours', 'Ours: ABCD2345']);
    expect(en.html).toContain('<body><p>Ours: <strong>ABCD2345</strong></p></body>');
    for (const [kind, language] of [
      ['password.reset', 'de'],
      ['password.otp', 'en'],
    ] as const) {
      const built = renderMessage(kind, language, FIELDS, {});
      expect(renderMessage(kind, language, FIELDS, templates)).toEqual(built);
    }
  });

  it('are parted into paragraphs by blank lines, however those are written', () => {
    const { text, html } = render({
      text: '\r\nOne &\r\nhalf\r\n \t\r\n\n{{.Url}}\n\n{{.Code}}\n',
      subject: 'A <b>',
    });
    expect(text).toBe(`One &\nhalf\n\n${FIELDS.Url}\n\nABCD2345`);
    expect(html).toContain('<title>A &#60;b&#62;</title>');
    expect(html).toContain('<p>One &#38;<br>half</p><p><a ');
    expect(render({ text: 'One\n\n{{.Url}} {{.Code}}\n\n{{.Code}}' }, { Url: null }).text).toBe(
      'One\n\nABCD2345',
    );
  });

  it('in html are filled as they are, a field without value with nothing', () => {
    const html = '<p title="{{.UserId}}">{{.Code}}</p><a href=\'{{.Url}}\'>x</a>';
    expect(render({ html }, { UserId: '"\'<>&', Url: null }).html).toBe(
      '<p title="&#34;&#39;&#60;&#62;&#38;">ABCD2345</p><a href=\'\'>x</a>',
    );
  });

  it('with a fault give way to the built-in ones', () => {
    const built = renderMessage('password.reset', 'en', FIELDS, {});
    expect(render({ text: 'no code' })).toEqual(built);
    expect(render({ html: '{{.Code}} {{.Name}}' })).toEqual(built);
  });
});

it.each(['javascript:alert(1)', 'data:text/html,x', 'http://evil.example/', 'x', ''])(
  'shows no link that is not secure: %s',
  (Url) => {
    const shown = render({ html: '{{.Code}}<a href="{{.Url}}">x</a>' }, { Url });
    expect(shown.html).toBe('ABCD2345<a href="">x</a>');
    const built = renderMessage('password.reset', 'en', { ...FIELDS, Url }, {});
    expect(built).toEqual(renderMessage('password.reset', 'en', { ...FIELDS, Url: null }, {}));
  },
);

describe('a template', () => {
  const valid: MessageTemplate = { subject: 'S', text: '{{.Code}}', html: '<b>{{.Code}}</b>' };
  const notice: MessageTemplate = { subject: 'S', text: '{{.Time}}', html: '<b>x</b>' };

  it('without fault is taken', () => {
    for (const kind of CODE_KINDS) expect(findTemplateFault(kind, valid)).toBe(null);
    expect(findTemplateFault('password.changed', notice)).toBe(null);
    const every =
      '{{.TenantName}}{{.UserId}}{{.Actor}}{{.Code}}{{.Time}}{{ .Minutes\n}}\n\n{{.Url}}';
    expect(findTemplateFault('password.otp', { subject: '{{.Code}}', text: every })).toBe(null);
  });

  it.each<[Partial<MessageTemplate>, string]>([
    [{ subject: '{{.Code' }, 'malformed'],
    [{ text: '{{.Code}} {{.Code|html}}' }, 'malformed'],
    [{ text: '{{.Code}} {{\n\n.Code}}' }, 'malformed'],
    [{ html: '{{.Code}} {{if .Url}}' }, 'malformed'],
    [{ subject: '{{.Name}}' }, 'unknown-field'],
    [{ text: '{{.Code}}{{.toString}}' }, 'unknown-field'],
    [{ html: '{{.Code}}{{.UserID}}' }, 'unknown-field'],
    [{ html: '{{.Code}}{{.Code.length}}' }, 'unknown-field'],
    [{ text: 'x' }, 'code-missing'],
    [{ text: 'x\n\n{{.Code}} {{.Url}}' }, 'code-missing'],
    [{ html: 'x' }, 'code-missing'],
    [{ subject: ' \n' }, 'empty'],
    [{ subject: '{{.Url}}' }, 'empty'],
    [{ text: '' }, 'empty'],
    [{ text: '{{.Code}} {{.Url}}' }, 'empty'],
    [{ html: ' ' }, 'empty'],
  ])('of a code is refused for %o: %s', (part, fault) => {
    expect(findTemplateFault('password.reset', { ...valid, ...part })).toBe(fault);
  });

  it.each<[Partial<MessageTemplate>, string]>([
    [{ text: '{{.Code}}' }, 'empty'],
    [{ text: 'for {{.Minutes}}' }, 'empty'],
    [{ subject: '{{.Code}}' }, 'empty'],
  ])('of a notice is refused for %o: %s', (part, fault) => {
    expect(findTemplateFault('password.changed', { ...notice, ...part })).toBe(fault);
  });
});
