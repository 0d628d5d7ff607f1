// What a user reads: subject, plain text and HTML of a message, of the tenant's words or the built-in ones. Pure.
import {
  ACTOR_WORDS,
  type Language,
  MESSAGE_WORDS,
  type MessageActor,
  type MessageKind,
  type MessageTemplate,
  type Templates,
} from './message-words.ts';
import { fillTemplate, type Part, parseTemplate, type TemplateFault } from './template.ts';
import { readSecureUrl } from './web-url.ts';

/** No field for what users choose to be called: whoever makes an account would send spam to others under our name. */
export interface MessageFields {
  readonly TenantName: string;
  readonly UserId: string;
  /** Shown as {{.Actor}}, in words that stand after "by" or "von". */
  readonly actor: MessageActor;
  readonly Code: string | null;
  /** A link that is not secure is not shown. */
  readonly Url: string | null;
  /** When it happened. Milliseconds; shown as {{.Time}}, in UTC. */
  readonly at: number;
  /** How long the code lives. Seconds; shown as {{.Minutes}}; null without a code. */
  readonly codeLife: number | null;
}

export interface MessageText {
  readonly subject: string;
  readonly text: string;
  /** A whole document that loads nothing. */
  readonly html: string;
}

/**
 * `code-missing`: it brings a code, and the text or the html would not hold it, at least when there is no link.
 * `empty`: nothing would be left of a part when every field that can be without a value is.
 */
export type MessageTemplateFault = TemplateFault | 'code-missing' | 'empty';

const FIELDS = ['TenantName', 'UserId', 'Actor', 'Code', 'Url', 'Time', 'Minutes'] as const;
type Field = (typeof FIELDS)[number];
type Paragraph = readonly Part<Field>[];
type Values = Readonly<Record<Field, string | null>>;

const CODE_KINDS: readonly MessageKind[] = ['password.reset', 'password.otp'];
/** The code can always be read without the link: the link may be none. */
const UNSURE_WITH_CODE: readonly Field[] = ['Url'];
const UNSURE: readonly Field[] = ['Url', 'Code', 'Minutes'];

/** All that ends a line somewhere, or does worse in a header. */
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;
/** They let a value be read as what it is not. */
const DIRECTIONS = /\p{Bidi_Control}/gu;
const BLANK_LINES = /\n\s*\n/;

/** `preferred` is a BCP 47 tag; of it only the language counts. */
export function chooseLanguage(preferred: string | null, fallback: Language): Language {
  const language = preferred?.toLowerCase().split('-', 1)[0];
  return language === 'en' || language === 'de' ? language : fallback;
}

/** A tenant's template that cannot be used gives way to the built-in one: no code is kept from its user. */
export function renderMessage(
  kind: MessageKind,
  language: Language,
  fields: MessageFields,
  templates: Templates,
): MessageText {
  const own = templates[kind]?.[language];
  const usable = own !== undefined && findTemplateFault(kind, own) === null;
  const template = usable ? own : MESSAGE_WORDS[kind][language];
  const values = showFields(kind, language, fields);
  const subject = readLine(fill(parse(template.subject), values, (value) => value));
  return {
    subject,
    text: fillParagraphs(template.text, values, (value) => value).join('\n\n'),
    html:
      template.html === undefined
        ? makeDocument(language, subject, template.text, values)
        : fill(parse(template.html), values, escapeHtml),
  };
}

/** Why a tenant's template cannot be used; null when it can. */
export function findTemplateFault(
  kind: MessageKind,
  { subject, text, html }: MessageTemplate,
): MessageTemplateFault | null {
  const hasCode = CODE_KINDS.includes(kind);
  for (const piece of [subject, ...splitParagraphs(text), html ?? '']) {
    const parts = parseTemplate(piece, FIELDS);
    if (!parts.ok) return parts.failure;
  }
  const unsure = hasCode ? UNSURE_WITH_CODE : UNSURE;
  const isSure = (paragraph: Paragraph) => !unsure.some((field) => holds(paragraph, field));
  const sure = splitParagraphs(text).map(parse).filter(isSure);
  const isEmpty = sure.length === 0 || html?.trim() === '' || readLine(subject) === '';
  if (isEmpty || !isSure(parse(subject))) return 'empty';
  const bringsCode = (paragraph: Paragraph) => holds(paragraph, 'Code');
  const isCodeSure = sure.some(bringsCode) && (html === undefined || bringsCode(parse(html)));
  return hasCode && !isCodeSure ? 'code-missing' : null;
}

function showFields(kind: MessageKind, language: Language, fields: MessageFields): Values {
  const { actor, Code, Url, codeLife } = fields;
  const who = kind === 'account.locked' && actor === 'unknown' ? 'guard' : actor;
  return {
    TenantName: clean(fields.TenantName),
    UserId: clean(fields.UserId),
    Actor: ACTOR_WORDS[language][who],
    Code: Code === null ? null : clean(Code),
    // A link of another scheme could be a script.
    Url: Url === null ? null : (readSecureUrl(Url)?.href ?? null),
    Time: showTime(language, fields.at),
    Minutes: codeLife === null ? null : `${Math.max(1, Math.floor(codeLife / 60))}`,
  };
}

/** The day in the words of the language; the hour by hand, since runtimes differ in how they join the two. */
function showTime(language: Language, at: number): string {
  const locale = language === 'en' ? 'en-GB' : 'de';
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
  const hour = new Date(at).toISOString().slice(-13, -8);
  return language === 'en' ? `${day} at ${hour} UTC` : `${day} um ${hour} Uhr (UTC)`;
}

/** One line, read from where it begins to where it ends. */
function clean(value: string): string {
  return value.toWellFormed().replace(CONTROLS, ' ').replace(DIRECTIONS, '');
}

function readLine(text: string): string {
  return text.replace(CONTROLS, ' ').trim();
}

function splitParagraphs(text: string): readonly string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(BLANK_LINES)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
}

/** Of a template without fault. */
function parse(template: string): Paragraph {
  const parts = parseTemplate(template, FIELDS);
  if (!parts.ok) throw new Error(`a template is ${parts.failure}`);
  return parts.value;
}

function holds(paragraph: Paragraph, field: Field): boolean {
  return paragraph.some((part) => part.kind === 'field' && part.field === field);
}

type Show = (value: string, field: Field) => string;

function fill(paragraph: Paragraph, values: Values, show: Show): string {
  return fillTemplate(paragraph, (field) => show(values[field] ?? '', field));
}

/** Without those whose field has no value. */
function fillParagraphs(text: string, values: Values, show: Show): readonly string[] {
  return splitParagraphs(text)
    .map(parse)
    .filter((parts) => !UNSURE.some((field) => values[field] === null && holds(parts, field)))
    .map((paragraph) => fill(paragraph, values, show));
}

/** Escaping leaves the actions of a template as they are, so that it can come before they are filled. */
function makeDocument(language: Language, subject: string, text: string, values: Values): string {
  const paragraphs = fillParagraphs(escapeHtml(text), values, showInHtml);
  const body = paragraphs.map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`);
  const head = `<meta charset="utf-8"><title>${escapeHtml(subject)}</title>`;
  return `<!doctype html><html lang="${language}"><head>${head}</head><body>${body.join('')}</body></html>`;
}

function showInHtml(value: string, field: Field): string {
  const escaped = escapeHtml(value);
  if (field === 'Code') return `<strong>${escaped}</strong>`;
  return field === 'Url' ? `<a href="${escaped}">${escaped}</a>` : escaped;
}

/** For text and for attributes in quotes of either kind. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
