// GetUserByID: what is shown of a user, and to whom.
import { beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  addHuman,
  addOneOfEachState,
  call,
  type Human,
  userPath,
} from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError, INVALID_TOKEN, WRONG_ORGANISATION } from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let humans: readonly [active: Human, inactive: Human, locked: Human];
let own: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  humans = await addOneOfEachState(tenant);
  const [{ userId, username, email }] = humans;
  await addHuman(foreign, { userId, username, email: { email } });
  own = await t.zapToken(tenant, humans[0]);
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);
const UNKNOWN: ErrorRow = [404, 5, 'QUERY-Dfbg2', 'User could not be found'];

describe('GetUserByID', () => {
  it('shows the whole user, and leaves out what is not set', async () => {
    const human = humans[0];
    const answer = await call(tenant.readerToken, 'GET', userPath(human.userId));
    const details = {
      sequence: expect.stringMatching(/^\d+$/),
      changeDate: TIME,
      creationDate: TIME,
      resourceOwner: tenant.orgId,
    };
    const named = {
      userId: human.userId,
      state: 'USER_STATE_ACTIVE',
      username: human.username,
      loginNames: [human.username, human.email, human.phone],
      preferredLoginName: human.username,
    };
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        details,
        user: {
          ...named,
          details,
          human: {
            ...named,
            profile: {
              givenName: 'Ann',
              familyName: expect.any(String),
              displayName: expect.any(String),
            },
            email: { email: human.email, isVerified: true },
            phone: { phone: human.phone, isVerified: true },
            passwordChanged: TIME,
          },
        },
      },
    ]);
    expect(answer.text).not.toMatch(/hash|\$pbkdf2/i);
    const { sequence } = await t.readUser(tenant, human.userId);
    expect(answer.body.details.sequence).toBe(sequence);
  });

  it('shows what the operator made, by the name that there is', async () => {
    const { userId, username, email } = await t.makeUser(tenant, { temporary: true });
    const { body } = await call(tenant.readerToken, 'GET', userPath(userId));
    expect(body.user).toMatchObject({
      username,
      human: { profile: {}, email: { email }, passwordChangeRequired: true },
    });
    expect(body.user.human.profile).toEqual({});
  });

  it.each([
    ['INACTIVE', 1],
    ['LOCKED', 2],
  ] as const)('shows the state %s', async (state, index) => {
    const { body } = await call(tenant.readerToken, 'GET', userPath(humans[index].userId));
    expect(body.user.state).toBe(`USER_STATE_${state}`);
  });

  it('is for who may read users, and for the user', async () => {
    const path = userPath(humans[0].userId);
    for (const token of [tenant.readerToken, tenant.serviceToken, own]) {
      expect((await call(token, 'GET', path)).body.user.userId).toBe(humans[0].userId);
    }
    expectError(await call(tenant.apiKey, 'GET', path), UNKNOWN);
    expectError(await call(own, 'GET', userPath(humans[1].userId)), UNKNOWN);
    expectError(await call(own, 'GET', userPath('nobody')), UNKNOWN);
    expectError(await call(tenant.readerToken, 'GET', userPath('nobody')), UNKNOWN);
    expectError(await call(foreign.readerToken, 'GET', userPath(humans[1].userId)), UNKNOWN);
    const theirs = await call(foreign.readerToken, 'GET', path);
    expect(theirs.body.user.details.resourceOwner).toBe(foreign.orgId);
  });

  it('is for nobody whose key is of no place', async () => {
    const nowhere = tenant.readerToken.replace('_db_', '_nowhere_');
    const elsewhere = tenant.readerToken.replace('_db_', '_db-eu_');
    for (const token of [nowhere, elsewhere, 'unknown']) {
      expectError(await call(token, 'GET', userPath(humans[0].userId)), INVALID_TOKEN);
      expectError(await call(token, 'POST', 'users', {}), INVALID_TOKEN);
      expectError(await call(token, 'POST', 'sessions/search', {}), INVALID_TOKEN);
    }
  });

  it('is of the organisation that the header names', async () => {
    const path = `/v2/${userPath(humans[0].userId)}`;
    const ask = (organisation: string) =>
      send(path, {
        headers: {
          authorization: `Bearer ${tenant.readerToken}`,
          'x-zitadel-orgid': organisation,
        },
      });
    expect((await ask(tenant.orgId)).status).toBe(200);
    expectError(await ask(foreign.orgId), WRONG_ORGANISATION);
  });
});
