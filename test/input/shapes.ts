// A refusal in each dialect's own shape.
import { expect } from 'vitest';
import type { Answer } from '../support/rekey.ts';

function expectStatus(answer: Answer, type: string): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect([answer.status < 500, answer.text]).toEqual([true, expect.any(String)]);
  expect(answer.headers.get('content-type')).toBe(type);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** Broken rules of a password stand beside the documented shape, and where none is broken nothing does. */
function takeViolations({ violations, ...documented }: Readonly<Record<string, unknown>>) {
  if (violations !== undefined) {
    expect(violations).toContainEqual(
      expect.objectContaining({ rule: expect.any(String), detail: expect.any(String) }),
    );
  }
  return documented;
}

export function expectVbaShape(answer: Answer, path: string): void {
  expectStatus(answer, 'application/json; charset=utf-8');
  const activityId = answer.headers.get('x-request-id');
  expect({ ...answer.body, error: takeViolations(answer.body.error) }).toEqual({
    data: null,
    error: {
      type: expect.stringMatching(/^https:/),
      title: expect.any(String),
      status: answer.status,
      detail: expect.any(String),
      instance: path,
    },
    debug: { activityID: activityId, activityId },
  });
}

export function expectZapShape(answer: Answer): void {
  expectStatus(answer, 'application/json; charset=utf-8');
  const text = answer.body.data;
  expect(takeViolations(answer.body)).toEqual({
    success: false,
    data: expect.any(String),
    message: text,
  });
}

export function expectZitadelShape(answer: Answer): void {
  expectStatus(answer, 'application/json');
  expect(answer.body).toEqual({
    code: expect.any(Number),
    message: expect.any(String),
    details: expect.any(Array),
  });
}

export function expectProblemShape(answer: Answer): void {
  expectStatus(answer, 'application/problem+json');
  expect(answer.body).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status: answer.status,
    activityId: answer.headers.get('x-request-id'),
  });
}
