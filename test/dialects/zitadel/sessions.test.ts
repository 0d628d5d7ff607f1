// CreateSession, SetSession, GetSession and DeleteSession: what a session says, who may use it, and how it ends.
import { beforeAll, describe, expect, it } from 'vitest';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import {
  addHuman,
  call,
  getSession,
  openSession,
  setSession,
} from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError, NO_MEMBERSHIP, NOT_PERMITTED } from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let user: t.TestUser;
let tokens: Record<'own' | 'other', string>;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  user = await t.makeUser(tenant);
  tokens = {
    own: await t.zapToken(tenant, user),
    other: await t.zapToken(tenant, await t.makeUser(tenant)),
  };
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);
const STALE_TOKEN: ErrorRow = [403, 7, 'COMMAND-sGr42', 'Session Token is invalid'];
const UNKNOWN: ErrorRow = [400, 9, 'COMMAND-Flk38', 'Session does not exist'];
const NOT_FOUND: ErrorRow = [404, 5, 'QUERY-SFeaa', 'Session does not exist'];
const EXPIRED: ErrorRow = [400, 9, 'COMMAND-Hkl3d', 'Session has expired'];

const details = (sequence: string) => ({
  sequence,
  changeDate: TIME,
  resourceOwner: tenant.orgId,
});
const create = (body: object, token = tenant.serviceToken) => call(token, 'POST', 'sessions', body);
const read = async (sessionId: string) => {
  const { body } = await getSession(tenant.readerToken, { sessionId });
  return body.session;
};
const encode = (text: string) => btoa(text);

describe('a session', () => {
  it('is made with 201, and says what was checked of whom, and when', async () => {
    const human = await addHuman(tenant);
    const checks = { user: { loginName: human.email }, password: { password: human.password } };
    const made = await create({ checks });
    expect([made.status, made.body]).toEqual([
      201,
      {
        details: details('1'),
        sessionId: expect.stringMatching(/^[\w-]{22}$/),
        sessionToken: expect.any(String),
      },
    ]);
    const found = await getSession(tenant.readerToken, { sessionId: made.body.sessionId });
    expect([found.status, found.body]).toEqual([
      200,
      {
        session: {
          id: made.body.sessionId,
          creationDate: TIME,
          changeDate: TIME,
          sequence: '1',
          factors: {
            user: {
              verifiedAt: TIME,
              id: human.userId,
              loginName: human.username,
              displayName: expect.stringMatching(/^Ann Ash-/),
              organizationId: tenant.orgId,
            },
            password: { verifiedAt: TIME },
          },
        },
      },
    ]);
  });

  it('without a check of the password says so by having no such factor, until there is one', async () => {
    const made = await create({ checks: { user: { userId: user.userId } } });
    const { sessionId, sessionToken } = made.body;
    expect((await read(sessionId)).factors.password).toBeUndefined();
    const checks = { password: { password: user.password } };
    const set = await setSession(tenant.serviceToken, sessionId, { sessionToken, checks });
    expect([set.status, set.body]).toEqual([
      200,
      { details: details('2'), sessionToken: expect.any(String) },
    ]);
    const { factors, sequence } = await read(sessionId);
    expect([factors.password, sequence]).toEqual([{ verifiedAt: TIME }, '2']);
  });

  it('gets a new token with each change, and no old one works', async () => {
    const { sessionId, sessionToken: first } = await openSession(tenant, user);
    const set = await setSession(tenant.readerToken, sessionId, { sessionToken: first });
    const second = set.body.sessionToken;
    expect(second).not.toBe(first);
    expectError(await getSession(tokens.other, { sessionId, sessionToken: first }), STALE_TOKEN);
    const before = await dumpTenant(tenant);
    const checks = { password: { password: user.password } };
    for (const body of [{}, { checks }, { lifetime: '60s' }, { metadata: { a: encode('b') } }]) {
      const answer = await setSession(tenant.serviceToken, sessionId, {
        sessionToken: first,
        ...body,
      });
      expectError(answer, STALE_TOKEN);
    }
    const path = `sessions/${sessionId}`;
    const ended = await call(tenant.serviceToken, 'DELETE', path, { sessionToken: first });
    expectError(ended, STALE_TOKEN);
    // A guess that was not made is given back: only the throttle's serials and time may have moved on.
    const withoutThrottle = (dump: string) => dump.replace(/^(?:throttle|lane|flood): .*$/gm, '');
    expect(withoutThrottle(await dumpTenant(tenant))).toBe(withoutThrottle(before));
    const found = await getSession(tokens.other, { sessionId, sessionToken: second });
    expect(found.status).toBe(200);
  });

  it('keeps metadata, changes it key by key, and drops what becomes empty', async () => {
    const metadata = { one: encode('1'), two: encode('2'), 'ключ "x"': encode('3') };
    const made = await openSession(tenant, user, { metadata });
    expect((await read(made.sessionId)).metadata).toEqual(metadata);
    const set = await setSession(tenant.serviceToken, made.sessionId, {
      metadata: { two: encode('zwei'), four: encode('4'), one: '', none: '' },
    });
    expect(set.status).toBe(200);
    expect((await read(made.sessionId)).metadata).toEqual({
      two: encode('zwei'),
      four: encode('4'),
      'ключ "x"': encode('3'),
    });
    await setSession(tenant.serviceToken, made.sessionId, {});
    expect(Object.keys((await read(made.sessionId)).metadata)).toHaveLength(3);
  });

  it('takes metadata whose keys differ as the spellings of a field would', async () => {
    const metadata = { user_id: encode('1'), userId: encode('2') };
    const { sessionId } = await openSession(tenant, user, { metadata });
    expect((await read(sessionId)).metadata).toEqual(metadata);
  });

  it('keeps how the browser was described', async () => {
    const userAgent = {
      fingerprintId: 'finger',
      ip: '192.0.2.7',
      description: 'a browser',
      header: { 'accept-language': { values: ['de', 'en'] } },
    };
    const { sessionId } = await openSession(tenant, user, { userAgent });
    expect((await read(sessionId)).userAgent).toEqual(userAgent);
  });

  it('has an end when it is given a life, which a change may set anew', async () => {
    const made = await openSession(tenant, user, { lifetime: '90s' });
    const { creationDate, expirationDate } = await read(made.sessionId);
    expect(Date.parse(expirationDate) - Date.parse(creationDate)).toBe(90_000);
    await setSession(tenant.serviceToken, made.sessionId, { lifetime: '3600.5s' });
    const longer = await read(made.sessionId);
    expect(Date.parse(longer.expirationDate) - Date.parse(longer.changeDate)).toBe(3_600_500);
    await setSession(tenant.serviceToken, made.sessionId, {});
    expect((await read(made.sessionId)).expirationDate).toBe(longer.expirationDate);
  });

  it('does not grow without end, however often it is changed', async () => {
    const { sessionId } = await openSession(tenant, user);
    const big = encode('x'.repeat(6000));
    const grow = (key: string) =>
      setSession(tenant.serviceToken, sessionId, { metadata: { [key]: big } });
    expect((await grow('a')).status).toBe(200);
    expect((await grow('b')).status).toBe(200);
    expectError(await grow('c'), [429, 8, null, 'Session metadata is too large']);
    expect(Object.keys((await read(sessionId)).metadata)).toEqual(['a', 'b']);
    expect((await grow('b')).status).toBe(200);
  });

  it('can be given any life that the wire can say, and still be read', async () => {
    const { sessionId } = await openSession(tenant, user, { lifetime: '315576000000s' });
    const found = await getSession(tenant.readerToken, { sessionId });
    expect(found.status).toBe(200);
    const listed = await call(tenant.readerToken, 'POST', 'sessions/search', {});
    expect(listed.status).toBe(200);
  });

  it.each(['0s', '-1s'])('has no life of %s', async (lifetime) => {
    const row: ErrorRow = [400, 3, null, /\.Lifetime: value must be greater than 0s$/];
    const checks = { user: { userId: user.userId } };
    expectError(await create({ checks, lifetime }), row);
    const { sessionId } = await openSession(tenant, user);
    expectError(await setSession(tenant.serviceToken, sessionId, { lifetime }), row);
  });

  it('past its life takes no change, and can be ended', async () => {
    const { sessionId, sessionToken } = await openSession(tenant, user, { lifetime: '60s' });
    await t
      .databaseOf(tenant)
      .prepare('UPDATE login_session SET expires_at = ? WHERE tenant_id = ? AND id = ?')
      .bind(Date.now() - 1, tenant.orgId, sessionId)
      .run();
    const before = await dumpTenant(tenant);
    for (const body of [{ sessionToken }, { sessionToken, lifetime: '60s' }, {}]) {
      expectError(await setSession(tenant.serviceToken, sessionId, body), EXPIRED);
    }
    const checks = { password: { password: 'a wrong password for all' } };
    const guess = await setSession(tenant.serviceToken, sessionId, { sessionToken, checks });
    expectError(guess, EXPIRED);
    expect(await dumpTenant(tenant)).toBe(before);
    const ended = await call(tenant.serviceToken, 'DELETE', `sessions/${sessionId}`, {});
    expect(ended.status).toBe(200);
  });
});

describe('who may use a session', () => {
  it('reads it with its token, by permission, or as its user, and no one else does', async () => {
    const made = await openSession(tenant, user);
    const { sessionId, sessionToken } = made;
    for (const token of [tenant.apiKey, tokens.other]) {
      expect((await getSession(token, made)).status).toBe(200);
    }
    for (const token of [tenant.readerToken, tenant.serviceToken, tokens.own]) {
      expect((await getSession(token, { sessionId })).status).toBe(200);
    }
    expectError(await getSession(tenant.apiKey, { sessionId }), NOT_PERMITTED);
    expectError(await getSession(tokens.other, { sessionId }), NO_MEMBERSHIP);
    expectError(await getSession(foreign.serviceToken, { sessionId }), NOT_FOUND);
    expectError(await getSession(foreign.serviceToken, { sessionId, sessionToken }), NOT_FOUND);
  });

  it('changes it with its token, by permission to write, or as its user', async () => {
    const { sessionId, sessionToken } = await openSession(tenant, user);
    const refusals: [string, ErrorRow][] = [
      [tenant.readerToken, NOT_PERMITTED],
      [tenant.apiKey, NOT_PERMITTED],
      [tokens.other, NO_MEMBERSHIP],
      [foreign.serviceToken, UNKNOWN],
    ];
    const before = await dumpTenant(tenant);
    for (const [token, row] of refusals) {
      expectError(await setSession(token, sessionId, { metadata: { a: 'YQ==' } }), row);
    }
    const strange = await setSession(foreign.serviceToken, sessionId, { sessionToken });
    expectError(strange, UNKNOWN);
    expect(await dumpTenant(tenant)).toBe(before);
    const byToken = await setSession(tokens.other, sessionId, { sessionToken });
    expect(byToken.status).toBe(200);
    for (const token of [tenant.serviceToken, tokens.own]) {
      expect((await setSession(token, sessionId, {})).status).toBe(200);
    }
  });

  it('knows of a session that is not there no more than of a foreign one', async () => {
    const strange = await openSession(foreign, await t.makeUser(foreign));
    for (const sessionId of ['nothing', strange.sessionId]) {
      expectError(await getSession(tokens.other, { sessionId }), NO_MEMBERSHIP);
      expectError(await setSession(tokens.other, sessionId, {}), NO_MEMBERSHIP);
      expectError(await getSession(tenant.readerToken, { sessionId }), NOT_FOUND);
      expectError(await setSession(tenant.serviceToken, sessionId, {}), UNKNOWN);
    }
  });
});

describe('the end of a session', () => {
  it('is once, and to end it again is answered alike', async () => {
    const { sessionId } = await openSession(tenant, user);
    const path = `sessions/${sessionId}`;
    const ended = await call(tenant.serviceToken, 'DELETE', path, {});
    expect([ended.status, ended.body]).toEqual([200, { details: details('2') }]);
    expectError(await getSession(tenant.readerToken, { sessionId }), NOT_FOUND);
    expectError(await setSession(tenant.serviceToken, sessionId, {}), UNKNOWN);
    const before = await dumpTenant(tenant);
    const again = await call(tenant.serviceToken, 'DELETE', path, {});
    expect(again.status).toBe(200);
    expect(await dumpTenant(tenant)).toBe(before);
    const events = await t.listEvents(tenant, user.userId);
    expect(events.at(-1)).toMatchObject({ type: 'session.ended', actor: { kind: 'key' } });
  });

  it('is for who holds its token, its user, and who may write users', async () => {
    const made = await Promise.all([1, 2, 3].map(() => openSession(tenant, user)));
    const [one, two, three] = made.map(({ sessionId }) => `sessions/${sessionId}`);
    expectError(await call(tenant.readerToken, 'DELETE', one ?? '', {}), NOT_PERMITTED);
    expectError(await call(tokens.other, 'DELETE', one ?? '', {}), NO_MEMBERSHIP);
    expect((await call(foreign.serviceToken, 'DELETE', one ?? '', {})).status).toBe(200);
    expect((await read(made[0]?.sessionId ?? '')).id).toBe(made[0]?.sessionId);
    const sessionToken = made[0]?.sessionToken;
    expect((await call(tokens.other, 'DELETE', one ?? '', { sessionToken })).status).toBe(200);
    expect((await call(tokens.own, 'DELETE', two ?? '', {})).status).toBe(200);
    expect((await call(tenant.serviceToken, 'DELETE', three ?? '', {})).status).toBe(200);
    for (const { sessionId } of made) {
      expectError(await getSession(tenant.readerToken, { sessionId }), NOT_FOUND);
    }
  });
});
