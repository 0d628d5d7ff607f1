// The notation of the golden exchanges: what is sent as it stands, and which answers are not the ones that were meant.
import { describe, expect, it } from 'vitest';
import { parseScenarios } from './exchange.ts';
import { encodeBase64, fillHoles, fillNames } from './pattern.ts';

const FILE = `### a change
# Routes, one
# Errors, two

@anna = user of other {"role":"admin"}
@code = code sent to {{anna.email}}

# A word on what follows.
@flood 10
POST /v1/change/ HTTP/1.1
Host: {{host}}
Host: again

{
  "a": 1,
}

HTTP/1.1 400 Bad Request
Retry-After: <seconds>

{"success":false}

GET /v1/change HTTP/1.1

HTTP/1.1 204 No Content

### another
# Routes, three

@bert = member {}
`;

describe('a file', () => {
  it('is read byte for byte, scenario by scenario', () => {
    const head = { kind: 'exchange', at: 'x.http:10', method: 'POST', path: '/v1/change/' };
    const answer = {
      status: 400,
      headers: [['Retry-After', '<seconds>']],
      body: '{"success":false}',
    };
    const body = '{\n  "a": 1,\n}';
    expect(parseScenarios('x.http', FILE)).toEqual([
      {
        title: 'a change',
        contract: 'Routes, one; Errors, two',
        steps: [
          { kind: 'user', name: 'anna', of: 'other', fields: '{"role":"admin"}' },
          { kind: 'code', name: 'code', to: '{{anna.email}}' },
          { ...head, head: 'Host: {{host}}\nHost: again', body, flood: 10, answer },
          {
            kind: 'exchange',
            at: 'x.http:23',
            method: 'GET',
            path: '/v1/change',
            head: '',
            body: '',
            flood: null,
            answer: { status: 204, headers: [], body: '' },
          },
        ],
      },
      {
        title: 'another',
        contract: 'Routes, three',
        steps: [{ kind: 'member', name: 'bert', of: 'main', fields: '{}' }],
      },
    ]);
  });

  it.each([
    ['a line that is nothing', '### one\n\nwhat is this'],
    ['a directive that there is not', '### one\n\n@anna = friend {}'],
    ['a request without an answer', '### one\n\nGET / HTTP/1.1\n'],
  ])('is refused with %s', (_, text) => {
    expect(() => parseScenarios('x.http', text)).toThrow('x.http:3');
  });
});

describe('a name', () => {
  it('stands for its value, which may hold names', () => {
    const names = new Map([
      ['client', 'x-api-key: {{key}}'],
      ['key', 'secret'],
    ]);
    expect(fillNames('{{client}} {{x*3}} {"a":{}}', names)).toBe('x-api-key: secret xxx {"a":{}}');
    expect(() => fillNames('{{nobody}}', names)).toThrow('nobody');
  });

  it('is encoded after it was filled in', () => {
    expect(encodeBase64('Basic base64(anna:Grüße)')).toBe('Basic YW5uYTpHcsO8w59l');
  });
});

describe('an answer', () => {
  const uuid = '6fa459ea-ee8a-4ca4-894e-db77e160355e';
  const other = '7fa459ea-ee8a-4ca4-894e-db77e160355e';
  const fill = (pattern: unknown, actual: unknown) =>
    fillHoles(pattern, actual, new Map(), new Map());

  it('fits with the same value in the same hole', () => {
    const pattern = { a: ['<uuid>', 'is <uuid>'], n: null, ok: true };
    const actual = { a: [uuid, `is ${uuid}`], n: null, ok: true };
    expect(fill(pattern, actual)).toEqual(actual);
  });

  it.each([
    ['another value in the same hole', { a: '<uuid>', b: '<uuid>' }, { a: uuid, b: other }],
    ['a value of another shape', { a: '<uuid>' }, { a: 'uuid' }],
    ['more around it', { a: '<uuid>' }, { a: `${uuid} ` }],
    ['a number for text', { a: '<number>' }, { a: 7 }],
    ['null', { a: '<uuid>' }, { a: null }],
    ['a field too many', { a: '<uuid>' }, { a: uuid, b: 1 }],
    ['a field missing', { a: '<uuid>', b: null }, { a: uuid }],
    ['an item too many', ['<uuid>'], [uuid, uuid]],
    ['a literal that reads like a pattern', { a: 'a.c' }, { a: 'abc' }],
    ['no JSON', { a: '<uuid>' }, 'nothing'],
  ])('does not fit with %s', (_, pattern, actual) => {
    expect(fill(pattern, actual)).not.toEqual(actual);
  });

  it('leaves a named value for what comes after', () => {
    const names = new Map<string, string>();
    fillHoles({ a: '<uuid:first>' }, { a: uuid }, names, new Map());
    expect(names).toEqual(new Map([['first', uuid]]));
  });
});
