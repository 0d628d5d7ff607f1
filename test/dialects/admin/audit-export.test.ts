// The operator takes the audit out: lines that can be verified, page by page, and the checkpoints.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { runScheduleAt } from '../../support/audit-chain.ts';
import { type Answer, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const SEALED = expect.stringMatching(/^[\w-]+\.[\w-]{43}$/);

let tenant: t.TestTenant;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant, { withoutPassword: true });
  await t.resetCode(tenant, user.userId);
  await runScheduleAt(Date.now());
  await t.resetCode(tenant, user.userId);
  await runScheduleAt(Date.now() + 600_000);
});

function ask(query: string, accept: string | null, orgId = tenant.orgId): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${env.ADMIN_KEY}` };
  if (accept !== null) headers['accept'] = accept;
  return send(`/admin/tenants/${orgId}/events?${query}`, { headers });
}

const readLines = ({ text }: Answer) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const NDJSON = 'application/x-ndjson';

describe('events as lines', () => {
  it('hold all that is stored of each', async () => {
    const answer = await ask('', NDJSON);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(NDJSON);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const lines = readLines(answer);
    expect(lines).toHaveLength(7);
    expect(answer.headers.has('link')).toBe(false);
    expect(lines[4]).toEqual({
      ...{ kind: 'event', id: expect.stringMatching(/^\d+$/), orgId: tenant.orgId },
      ...{ userId: user.userId, sequence: '1', at: TIME, type: 'user.created' },
      ...{ actor: { kind: 'operator' }, dialect: 'admin', activityId: expect.any(String) },
      ...{ facts: { role: 'user', initial: 'none' }, mac: SEALED, link: SEALED },
    });
    expect(lines[0]).toMatchObject({ userId: null, type: 'tenant.created' });
  });

  it('come page by page, each naming the next', async () => {
    const whole = readLines(await ask('', NDJSON));
    const paged: unknown[] = [];
    let pages = 0;
    for (let query: string | undefined = 'limit=3'; query !== undefined; pages += 1) {
      const answer: Answer = await ask(query, NDJSON);
      paged.push(...readLines(answer));
      query = /^<\?(after=\d+&limit=3)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect([pages, paged]).toEqual([3, whole]);
  });

  it.each([[null], ['*/*'], ['application/json'], ['text/html'], [`${NDJSON};q=0.1, */*`]])(
    'are not for who accepts %s',
    async (accept) => {
      const { headers, body } = await ask('', accept);
      expect(headers.get('content-type')).toBe('application/json');
      expect(headers.get('vary')?.toLowerCase()).toContain('accept');
      expect(Object.keys(body)).toEqual(['events', 'next']);
      for (const event of body.events) expect(Object.keys(event)).not.toContain('mac');
    },
  );

  it('are refused as any page is', async () => {
    expectFieldProblem(await ask('limit=0', NDJSON), 'limit');
    expectFieldProblem(await ask('after=x', NDJSON), 'after');
    expectProblem(await ask('', NDJSON, 'unknown'), 404, /tenant/);
    const unknown = await send(`/admin/tenants/${tenant.orgId}/events`, {
      headers: { accept: NDJSON, authorization: 'Bearer nobody-knows-this-key-at-all-here' },
    });
    expectProblem(unknown, 401);
  });
});

describe('checkpoints', () => {
  const list = (query: string, orgId = tenant.orgId) =>
    t.admin('GET', `/tenants/${orgId}/checkpoints?${query}`);

  it('are numbered, oldest first, and hold the newest event of each user', async () => {
    const { status, body } = await list('');
    expect([status, body.next]).toEqual([200, null]);
    expect(body.checkpoints).toMatchObject([
      { kind: 'checkpoint', orgId: tenant.orgId, number: '1', at: TIME, root: SEALED },
      { number: '2', root: SEALED },
    ]);
    const [first, second] = body.checkpoints.map(({ heads }: { heads: string }) =>
      JSON.parse(heads),
    );
    expect(first).toEqual([
      ['', 4, SEALED],
      [user.userId, 2, SEALED],
    ]);
    expect(second).toEqual([[user.userId, 3, SEALED]]);
  });

  it('come page by page', async () => {
    const first = (await list('limit=1')).body;
    expect([first.checkpoints.length, first.next]).toEqual([1, '1']);
    const second = (await list('limit=1&after=1')).body;
    expect([second.checkpoints[0].number, second.next]).toEqual(['2', null]);
  });

  it('are refused to who asks wrongly, and of tenants that are not there', async () => {
    expectFieldProblem(await list('limit=ten'), 'limit');
    expectFieldProblem(await list('after=-1'), 'after');
    for (const orgId of ['unknown', 'db_unknown']) {
      expectProblem(await list('', orgId), 404, /tenant/);
    }
  });
});
