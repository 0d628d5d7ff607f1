// Validation: what is passed on, and that a refusal names the field and never holds its value.
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { isCleanText } from '../../src/wire/clean-text.ts';
import type { AppEnv } from '../../src/wire/dialect.ts';
import {
  cleanText,
  describeFieldFaults,
  type FieldFault,
  readValid,
  validateInput,
} from '../../src/wire/validate.ts';

const schema = z.object({
  userId: cleanText(10),
  secret: z.string().check(z.minLength(1), z.maxLength(20)),
  otp: z.optional(z.string().check(z.regex(/^[A-Z]{1,4}$/))),
  limits: z.optional(z.object({ least: z.int().check(z.gte(8), z.lte(30)) })),
  scopes: z.optional(z.array(z.enum(['read', 'write'])).check(z.minLength(1))),
});
const VALID = { userId: 'user-1', secret: 'violet harbour' };
/** In every wrong value, so that an answer that echoes one is seen. */
const MARK = 'marked';

const app = new Hono<AppEnv>();
app.post(
  '/',
  async (c, next) => {
    c.req.addValidatedData('json', await c.req.json());
    return next();
  },
  validateInput('json', schema, (c, faults) => c.json(faults, 400)),
  (c) => c.json(readValid(c, 'json', schema)),
);
const querySchema = z.object({ limit: z.optional(z.string().check(z.regex(/^\d{1,3}$/))) });
app.get(
  '/',
  validateInput('query', querySchema, (c, faults) => c.json(faults, 400)),
  (c) => c.json(readValid(c, 'query', querySchema)),
);

async function post(fields: object) {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.request('/', { method: 'POST', headers, body: JSON.stringify(fields) });
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text) };
}

describe('what is right', () => {
  it('is passed on, without the fields that nobody asked for', async () => {
    const fields = { ...VALID, otp: 'ABCD', isAdmin: true, constructor: { prototype: 1 } };
    expect(await post(fields)).toMatchObject({ status: 200, body: { ...VALID, otp: 'ABCD' } });
    expect((await post(fields)).body).not.toHaveProperty('isAdmin');
  });

  it('is passed on from the query', async () => {
    expect(await (await app.request('/?limit=20&more=1')).json()).toEqual({ limit: '20' });
  });
});

describe('what is wrong', () => {
  const long = `${MARK}${'x'.repeat(20)}`;

  it.each<[string, object, readonly FieldFault[]]>([
    ['a missing field', { userId: undefined }, [{ path: 'userId', fault: 'missing' }]],
    ['an empty field', { userId: '' }, [{ path: 'userId', fault: 'empty' }]],
    ['null', { userId: null }, [{ path: 'userId', fault: 'wrong-type' }]],
    ['a number', { userId: 7 }, [{ path: 'userId', fault: 'wrong-type' }]],
    ['a boolean', { userId: true }, [{ path: 'userId', fault: 'wrong-type' }]],
    ['a list', { userId: [MARK] }, [{ path: 'userId', fault: 'wrong-type' }]],
    ['an object', { userId: { $gt: MARK } }, [{ path: 'userId', fault: 'wrong-type' }]],
    [
      'an object that says it is text',
      { secret: { toString: MARK } },
      [{ path: 'secret', fault: 'wrong-type' }],
    ],
    ['a text that is too long', { secret: long }, [{ path: 'secret', fault: 'invalid' }]],
    ['an id that is too long', { userId: `${MARK}12345` }, [{ path: 'userId', fault: 'invalid' }]],
    ['an id that is far too long', { userId: long }, [{ path: 'userId', fault: 'invalid' }]],
    ['an id with a NUL', { userId: `${MARK}\0` }, [{ path: 'userId', fault: 'invalid' }]],
    ['another pattern', { otp: MARK }, [{ path: 'otp', fault: 'invalid' }]],
    ['null for what may be missing', { otp: null }, [{ path: 'otp', fault: 'wrong-type' }]],
    ['an empty text of another pattern', { otp: '' }, [{ path: 'otp', fault: 'invalid' }]],
    [
      'a nested field that is missing',
      { limits: {} },
      [{ path: 'limits.least', fault: 'missing' }],
    ],
    [
      'a nested field of another type',
      { limits: { least: MARK } },
      [{ path: 'limits.least', fault: 'wrong-type' }],
    ],
    [
      'a number that is too small',
      { limits: { least: 7 } },
      [{ path: 'limits.least', fault: 'invalid', min: 8 }],
    ],
    [
      'a number that is too large',
      { limits: { least: 31 } },
      [{ path: 'limits.least', fault: 'invalid', max: 30 }],
    ],
    ['a fraction', { limits: { least: 8.5 } }, [{ path: 'limits.least', fault: 'wrong-type' }]],
    ['a list of nothing', { scopes: [] }, [{ path: 'scopes', fault: 'empty' }]],
    [
      'a word that is none of the list',
      { scopes: ['read', MARK] },
      [{ path: 'scopes.1', fault: 'invalid' }],
    ],
    [
      'several fields',
      { userId: undefined, secret: 7 },
      [
        { path: 'userId', fault: 'missing' },
        { path: 'secret', fault: 'wrong-type' },
      ],
    ],
  ])('is named by its field, once, without its value: %s', async (_, change, faults) => {
    const answer = await post({ ...VALID, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(faults);
    expect(answer.text).not.toContain(MARK);
    expect(answer.text).not.toContain(VALID.secret);
  });

  it('is named in the query too', async () => {
    const answer = await app.request(`/?limit=${MARK}`);
    expect(await answer.json()).toEqual([{ path: 'limit', fault: 'invalid' }]);
  });

  it('is told in one sentence a field', () => {
    const faults: FieldFault[] = [
      { path: 'userId', fault: 'missing' },
      { path: 'email', fault: 'wrong-type' },
      { path: 'newPassword', fault: 'empty' },
      { path: 'settings.codeLife', fault: 'invalid' },
    ];
    expect(describeFieldFaults(faults)).toBe(
      'userId is required. email has the wrong type. newPassword must not be empty. settings.codeLife is not valid.',
    );
  });
});

describe('clean text', () => {
  it.each([
    'a',
    'user@mail.example',
    "O'Brien; --",
    'ren\u00e9',
    '\u{1f600}'.repeat(10),
    '\u05e9\u05dc\u05d5\u05dd',
    'a b',
  ])('is %j', (text) => {
    expect(isCleanText(text, 10 + text.length)).toBe(true);
    expect(z.safeParse(cleanText(200), text).success).toBe(true);
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['a line break', 'a\nb'],
    ['DEL', 'a\x7f'],
    ['C1', 'a\u0085'],
    ['a zero width space', 'a\u200bb'],
    ['a zero width joiner', 'a\u200db'],
    ['a direction mark', '\u202ea'],
    ['a direction isolate', 'a\u2066'],
    ['a soft hyphen', 'a\u00adb'],
    ['a byte order mark', '\ufeffa'],
    ['a lone surrogate', 'a\ud800'],
  ])('refuses %s', (_, text) => {
    expect(isCleanText(text, 100)).toBe(false);
    expect(z.safeParse(cleanText(200), text).success).toBe(false);
  });

  it('is bounded in code points', () => {
    expect(isCleanText('\u{1f600}'.repeat(10), 10)).toBe(true);
    expect(isCleanText('\u{1f600}'.repeat(11), 10)).toBe(false);
    expect(z.safeParse(cleanText(10), '\u{1f600}'.repeat(10)).success).toBe(true);
    expect(z.safeParse(cleanText(10), 'a'.repeat(11)).success).toBe(false);
    expect(z.safeParse(cleanText(10), '').success).toBe(false);
  });
});
