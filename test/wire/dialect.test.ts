// A path with all of its methods, and 405 for every other.
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { type AppEnv, addPath, type Routes } from '../../src/wire/dialect.ts';
import { answerProblem } from '../../src/wire/problem.ts';

let runs = 0;
const app = new Hono<AppEnv>();
const run = [
  () => {
    runs += 1;
    return new Response('ran');
  },
];
const routes: Routes = { app, fallbacks: [] };
addPath(routes, '/read', { GET: run }, answerProblem);
addPath(routes, '/write', { POST: run }, answerProblem);
addPath(routes, '/both', { PUT: run, DELETE: run }, answerProblem);
addPath(routes, '/change', { PUT: run, GET: run }, answerProblem, 'refused');
for (const addFallback of routes.fallbacks) addFallback();

it.each([
  ['GET', '/read'],
  ['HEAD', '/read'],
  ['POST', '/write'],
  ['PUT', '/both'],
  ['DELETE', '/both'],
  ['GET', '/change'],
  ['PUT', '/change'],
])('answers %s %s', async (method, path) => {
  const before = runs;
  expect((await app.request(path, { method }, { activityId: 'activity-1' })).status).toBe(200);
  expect(runs).toBe(before + 1);
});

it.each([
  ['POST', '/read', 'GET, HEAD'],
  ['OPTIONS', '/read', 'GET, HEAD'],
  ['GET', '/write', 'POST'],
  ['HEAD', '/write', 'POST'],
  ['PUT', '/write', 'POST'],
  ['QUERY', '/write', 'POST'],
  ['POST', '/both', 'PUT, DELETE'],
  ['HEAD', '/change', 'PUT, GET'],
  ['POST', '/change', 'PUT, GET'],
])('refuses %s %s and says %s', async (method, path, allow) => {
  const before = runs;
  const answer = await app.request(path, { method }, { activityId: 'activity-1' });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
  expect(runs).toBe(before);
});
