// Reading a body: media types, forms, folded names, and the fields that are handed on.
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { type BodyOptions, readBody } from '../../src/wire/body.ts';
import type { AppEnv } from '../../src/wire/dialect.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Answers with the fields as what is behind sees them. */
function createEcho(options: Partial<BodyOptions> = {}) {
  const app = new Hono<AppEnv>();
  const read = readBody({
    json: [JSON_TYPE],
    refuse: (c, fault) => c.text(fault, fault === 'malformed' ? 400 : 415),
    ...options,
  });
  app.on(['POST', 'PUT'], '/', read, (c) =>
    c.json({ fields: c.req.valid('json' as never), method: c.req.method, query: c.req.query('q') }),
  );
  return async (type: string | null, body: BodyInit | null, method = 'POST') => {
    const headers = new Headers();
    if (type !== null) headers.set('content-type', type);
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const answer = await app.request('/?q=1', { method, headers, body: bytes });
    const text = await answer.text();
    return { status: answer.status, text, seen: answer.ok ? JSON.parse(text) : null };
  };
}

const echo = createEcho();
const echoForm = createEcho({ form: true });

describe('the media type', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json; charset=utf8',
    'application/json; version=1',
  ])('%s is read', async (type) => {
    const { status, seen } = await echo(type, '{"a":"b"}');
    expect(status).toBe(200);
    expect(seen.fields).toEqual({ a: 'b' });
  });

  it.each([
    null,
    '',
    'text/plain',
    'text/json',
    'application/json-patch+json',
    'application/vnd.api+json',
    'application/jsonx',
    'xapplication/json',
    'application',
    'application/json, text/plain',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/json; charset=',
    'application/json; charset=utf-8; charset=utf-16',
    'multipart/form-data; boundary=x',
    FORM_TYPE,
    'text/plain; application/json',
  ])('%s is refused', async (type) => {
    const { status, text } = await echo(type, '{"a":"b"}');
    expect([status, text]).toEqual([415, 'unsupported-media-type']);
  });

  it('is judged before the body', async () => {
    expect((await echo('text/plain', '{')).status).toBe(415);
  });

  it.each(['text/json', 'application/json'])('may be one of several: %s', async (type) => {
    const several = createEcho({ json: ['application/json', 'text/json'] });
    expect((await several(type, '{}')).status).toBe(200);
  });

  it.each([
    ['application/problem+json', 200],
    ['application/vnd.api+json; charset=utf-8', 200],
    ['Application/Vnd.Api+JSON', 200],
    ['text/vnd.api+json', 415],
    ['application/+json', 415],
    ['application/vnd.api+xml', 415],
    ['application/vnd api+json', 415],
    ['application/vnd.api+json, text/plain', 415],
  ])('with a suffix, where that is allowed: %s is %i', async (type, expected) => {
    expect((await createEcho({ suffixed: true })(type, '{}')).status).toBe(expected);
  });
});

describe('a JSON body', () => {
  it.each([
    '',
    'null',
    '"text"',
    '7',
    '[]',
    '[{"a":1}]',
    '{"a":1,}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '\ufeff{"a":1}',
  ])('is refused: %j', async (body) => {
    const { status, text } = await echo(JSON_TYPE, body);
    expect([status, text]).toEqual([400, 'malformed']);
  });

  it.each([
    ['missing', null],
    ['invalid UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
  ])('is refused: %s', async (_, body) => {
    const { status, text } = await echo(JSON_TYPE, body);
    expect([status, text]).toEqual([400, 'malformed']);
  });

  it('is handed on by its fields, with the rest of the request as it was', async () => {
    const { seen } = await echo(
      'application/json; charset=utf-8',
      ' { "\\u0061" : "\\u00e9 \\ud83d\\ude00" , "n" : 1.0 , "o" : { "p" : [ null ] } } ',
      'PUT',
    );
    expect(seen).toEqual({
      fields: { a: '\u00e9 \u{1f600}', n: 1, o: { p: [null] } },
      method: 'PUT',
      query: '1',
    });
  });

  it('keeps a prototype key what it is: a field', async () => {
    const { text } = await echo(JSON_TYPE, '{"__proto__":{"polluted":1},"a":1}');
    expect(text).toContain('"fields":{"__proto__":{"polluted":1},"a":1}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('keeps a lone surrogate for the rules behind to refuse', async () => {
    const { seen } = await echo(JSON_TYPE, '{"a":"\\ud800"}');
    expect(seen.fields).toEqual({ a: '\ud800' });
  });
});

describe('the names of fields', () => {
  const ALIASES: Record<string, string> = { otp: 'secureOTP' };
  const canonical = (name: string) => ALIASES[name.toLowerCase()] ?? name.toLowerCase();
  const folded = createEcho({ canonical, form: true });

  it.each([
    [JSON_TYPE, '{"OTP":"1","Name":"2"}'],
    [FORM_TYPE, 'OTP=1&Name=2'],
  ])('are what their spelling stands for: %s', async (type, body) => {
    expect((await folded(type, body)).seen.fields).toEqual({ secureOTP: '1', name: '2' });
  });

  it.each([
    [JSON_TYPE, '{"userId":"a","userID":"b"}'],
    [JSON_TYPE, '{"userId":"a","userID":"a"}'],
    [JSON_TYPE, '{"otp":"1","OTP":"1"}'],
    [FORM_TYPE, 'userId=a&userID=b'],
    [FORM_TYPE, 'otp=1&%4fTP=1'],
  ])('are refused in two spellings: %s %s', async (type, body) => {
    expect((await folded(type, body)).text).toBe('malformed');
  });
});

describe('a form', () => {
  it.each([
    ['a=b&c=d', { a: 'b', c: 'd' }],
    ['a=b+c%20d%2B', { a: 'b c d+' }],
    ['a=', { a: '' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=%C3%A9%F0%9F%98%80', { a: '\u00e9\u{1f600}' }],
    ['a=\u00e9', { a: '\u00e9' }],
    ['a[b]=1&a.__proto__.x=2', { 'a[b]': '1', 'a.__proto__.x': '2' }],
    ['', {}],
  ])('is read: %s', async (body, fields) => {
    const { status, seen } = await echoForm(FORM_TYPE, body);
    expect(status).toBe(200);
    expect(seen.fields).toEqual(fields);
  });

  it.each([
    'a=1&a=2',
    'a=1&a=1',
    'a=1&%61=2',
    'a=1&a',
    'a=%',
    'a=%4',
    'a=%zz',
    'a=%FF',
    'a=%C3%28',
    'a=%ED%A0%80',
    '%FF=a',
  ])('is refused: %s', async (body) => {
    const { status, text } = await echoForm(FORM_TYPE, body);
    expect([status, text]).toEqual([400, 'malformed']);
  });

  it('is refused when its bytes are not UTF-8', async () => {
    const answer = await echoForm(FORM_TYPE, Uint8Array.of(0x61, 0x3d, 0xff));
    expect(answer.text).toBe('malformed');
  });

  it('pollutes nothing by a prototype key', async () => {
    const { text } = await echoForm(FORM_TYPE, '__proto__=x&constructor=y');
    expect(text).toContain('"fields":{"__proto__":"x","constructor":"y"}');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    [`${FORM_TYPE}; charset=utf-8`, 200],
    [FORM_TYPE.toUpperCase(), 200],
    [`${FORM_TYPE}; charset=iso-8859-1`, 415],
    ['multipart/form-data; boundary=x', 415],
  ])('of the type %s is %i', async (type, expected) => {
    expect((await echoForm(type, 'a=b')).status).toBe(expected);
  });

  it('is no form where only JSON is read', async () => {
    expect((await echo(FORM_TYPE, 'a=b')).status).toBe(415);
  });
});
