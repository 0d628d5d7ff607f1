// Problem details (RFC 9457), and the ones that the app itself asks for.
import { type Handler, Hono } from 'hono';
import { expect, it } from 'vitest';
import type { AppEnv, Refusal } from '../../src/wire/dialect.ts';
import { answerProblem, type Problem, writeProblem } from '../../src/wire/problem.ts';

async function answerWith(answer: Handler<AppEnv>, path = '/things/1?secret=x') {
  const app = new Hono<AppEnv>();
  app.get('/things/:id', answer);
  return app.request(path, {}, { activityId: 'activity-1' });
}

it('says status, title, path and activity, and neither query nor host', async () => {
  const problem: Problem = { status: 409, title: 'Conflict' };
  const answer = await answerWith((c) => writeProblem(c, problem));
  expect(answer.status).toBe(409);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toEqual({
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    instance: '/things/1',
    activityId: 'activity-1',
  });
});

it('says the path as it was sent: what it stands for could be markup', async () => {
  const path = '/things/%3Cscript%3E%2F%00';
  const answer = await answerWith((c) => writeProblem(c, { status: 409, title: 'Conflict' }), path);
  expect(await answer.json()).toMatchObject({ instance: path });
});

it('says detail and fields when there are any', async () => {
  const errors = [{ field: 'name', detail: 'is required' }];
  const problem: Problem = { status: 400, title: 'Bad Request', detail: 'Not so.', errors };
  const answer = await answerWith((c) => writeProblem(c, problem));
  expect(await answer.json()).toMatchObject({ detail: 'Not so.', errors });
});

it.each<[Refusal, number, string]>([
  [{ kind: 'not-found' }, 404, 'Not Found'],
  [{ kind: 'method-not-allowed', allow: 'POST' }, 405, 'Method Not Allowed'],
  [{ kind: 'too-large' }, 413, 'Content Too Large'],
  [{ kind: 'internal' }, 500, 'Internal Server Error'],
])('has words for $kind', async (refusal, status, title) => {
  const answer = await answerWith((c) => answerProblem(c, refusal));
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ status, title });
});
