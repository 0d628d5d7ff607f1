// Plays the scenarios of a folder against the running Worker, and holds its README to them.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { type Exchange, parseScenarios, type Scenario } from './exchange.ts';
import { encodeBase64, fillHoles, fillNames, type Names } from './pattern.ts';
import { type Answer, send } from './send.ts';
import type { World } from './world.ts';

/** More than any limit lets through on a machine that answers at all. */
const MAX_ROUNDS = 60;

/** Of all .http files of the folder, in the order of their names. */
export function readScenarios(folder: string): readonly Scenario[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.http'))
    .sort()
    .flatMap((name) => parseScenarios(name, readFileSync(join(folder, name), 'utf8')));
}

/** What every scenario knows: both tenants, an administrator, keys, and what the dialect says again and again. */
export async function prepareNames(
  world: World,
  words: Readonly<Record<string, string>>,
): Promise<Names> {
  const names: Names = new Map(Object.entries(words));
  addFields(names, '', world.tenants.main);
  addFields(names, 'other.', world.tenants.other);
  const admin = { kind: 'member', of: 'main', fields: { role: 'admin' } } as const;
  addFields(names, 'admin.', await world.makeUser(admin));
  names.set('serviceToken', await world.makeKey('main', ['user.read', 'user.write']));
  names.set('other.apiKey', await world.makeKey('other', ['signin']));
  return names;
}

export async function play(world: World, scenario: Scenario, common: Names): Promise<void> {
  const names: Names = new Map(common);
  // Of its own, so that no scenario takes of another's budget.
  names.set('apiKey', await world.makeKey('main', ['signin']));
  const before: Exchange[] = [];
  for (const step of scenario.steps) {
    if ('to' in step) {
      names.set(step.name, await world.readLetter(step.kind, fillNames(step.to, names)));
    } else if (step.kind === 'exchange') {
      if (step.flood !== null) await flood(world, step, before, names);
      else expectAnswer(step, await exchange(world, step, names), names);
      before.push(step);
    } else {
      const fields = JSON.parse(fillNames(step.fields, names));
      addFields(names, `${step.name}.`, await world.makeUser({ ...step, fields }));
    }
  }
}

function addFields(names: Names, prefix: string, fields: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(fields)) names.set(`${prefix}${name}`, value);
}

function exchange(world: World, { method, path, head, body }: Exchange, names: Names) {
  const headers = fillNames(head, names)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), encodeBase64(line.slice(colon + 1).trim())] as const;
    });
  return send(world.url, {
    method,
    path: fillNames(path, names),
    headers,
    body: fillNames(body, names),
  });
}

/** Each is answered as the one before or as this one, and so only when `flood` of the scenario were not. */
async function flood(
  world: World,
  step: Exchange,
  before: readonly Exchange[],
  names: Names,
): Promise<void> {
  const limit = step.flood ?? 0;
  const [earlier] = before.slice(-1);
  if (earlier === undefined) throw new Error(`${step.at}: nothing before it`);
  let letIn = before.length;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const requests = Array.from({ length: limit }, () => exchange(world, step, names));
    const answers = await Promise.all(requests);
    const refused = answers.filter(({ status }) => status === step.answer.status);
    for (const answer of answers) {
      expectAnswer(refused.includes(answer) ? step : earlier, answer, names);
    }
    letIn += answers.length - refused.length;
    expect(refused.length === 0 || letIn >= limit, `${step.at}: after ${letIn}`).toBe(true);
    if (refused.length > 0) return;
  }
  throw new Error(`${step.at}: never answered so, in ${letIn} requests`);
}

function expectAnswer(step: Exchange, answer: Answer, names: Names): void {
  const { status, headers, body } = step.answer;
  const named = headers.map(([name, value]) => [name.toLowerCase(), fillNames(value, names)]);
  const isJson = body !== '';
  const actual = {
    status: answer.status,
    headers: Object.fromEntries(named.map(([name = '']) => [name, answer.headers.get(name)])),
    body: isJson ? readJson(answer.body) : answer.body,
  };
  const expected = {
    status,
    headers: Object.fromEntries(named),
    body: isJson ? JSON.parse(fillNames(body, names)) : '',
  };
  expect(actual, step.at).toEqual(fillHoles(expected, actual, names, new Map()));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every scenario has its row, and every row its scenario. */
export function expectTraced(folder: string, scenarios: readonly Scenario[]): void {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const [, table = ''] = /\n## Exchanges\n([\s\S]*?)(?=\n## |$)/.exec(readme) ?? [];
  const rows = table.split('\n').filter((line) => line.startsWith('| '));
  const traces = scenarios.map(({ title, contract }) => `| ${title} | ${contract} |`);
  expect(rows.slice(1), `the README of ${basename(folder)}`).toEqual(traces);
  expect(new Set(scenarios.map(({ title }) => title)).size).toBe(scenarios.length);
  expect(scenarios.filter(({ contract, steps }) => contract === '' || steps.length === 0)).toEqual(
    [],
  );
}
