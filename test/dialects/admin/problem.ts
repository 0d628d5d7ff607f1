// The operator's errors as seen from outside: RFC 9457, and nothing of the input in them.
import { expect } from 'vitest';
import type { Answer } from '../../support/rekey.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
};

export function expectProblem(answer: Answer, status: number, detail?: RegExp): void {
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.body).toMatchObject({
    type: 'about:blank',
    title: TITLES[status],
    status,
    activityId: answer.headers.get('x-request-id'),
  });
  if (detail !== undefined) expect(answer.body.detail).toMatch(detail);
}

/** The one field that is at fault. */
export function expectFieldProblem(answer: Answer, field: string): void {
  expectProblem(answer, 400);
  const fields = answer.body.errors?.map((error: { field: string }) => error.field);
  expect([[...new Set(fields)], answer.text]).toEqual([[field], expect.any(String)]);
}
