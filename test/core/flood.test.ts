// Which requests can be part of a flood, and from which buckets they take.
import { describe, expect, it } from 'vitest';
import type { Core } from '../../src/core/context.ts';
import { describeFlood, SOURCE_PACE, TENANT_PACE } from '../../src/core/flood.ts';
import { createKeyring } from '../../src/core/keyring.ts';
import type { CallerClaim, OpenRequest } from '../../src/core/store.ts';
import { THROTTLE_RULE } from '../../src/core/throttle.ts';
import { makeKeySecrets } from '../support/secrets.ts';

const NOW = 1_800_000_000_000;
const keyring = createKeyring(makeKeySecrets());

/** What is looked at, and nothing else. */
const coreFrom = (source: string | null) =>
  ({ ports: { source }, config: { keyring } }) as unknown as Core;

const tenancy = { clientId: 'client', clientCode: 'code', database: 'acme' };
const strangers: readonly CallerClaim[] = [
  { kind: 'tenancy', place: 'db', tenancy },
  { kind: 'host', place: 'db', host: 't1.localhost' },
];
const known: readonly CallerClaim[] = [
  { kind: 'operator', place: 'db', tenantId: 'db_1' },
  {
    ...{ kind: 'key', place: 'db', keyHash: 'hash', scope: null, pace: null },
    ...{ tenancy: null, organisationId: null },
  },
];

const GUESS = { attempt: { subject: 's', source: 'x', rule: THROTTLE_RULE, laneLife: 1 } } as const;
const CODE = { code: { purposes: ['reset'], macs: ['mac'], maxTries: 5 } } as const;
const NEW_CODE = { outstanding: ['reset'] } as const;

const describeBy = (caller: CallerClaim, request: Partial<OpenRequest>, source = '203.0.113.20') =>
  describeFlood(coreFrom(source), { caller, now: NOW, ...request });

describe('a stranger', () => {
  it.each(strangers)('takes from both buckets by a guess: by $kind', async (caller) => {
    const flood = await describeBy(caller, GUESS);
    expect(flood).toMatchObject({ sourcePace: SOURCE_PACE, tenantPace: TENANT_PACE });
  });

  it.each(strangers)(
    "takes nothing from the tenant's by asking for a code: by $kind",
    async (by) => {
      expect(await describeBy(by, NEW_CODE)).toMatchObject({
        sourcePace: SOURCE_PACE,
        tenantPace: null,
      });
      expect(await describeBy(by, { ...GUESS, ...CODE, ...NEW_CODE })).toMatchObject({
        tenantPace: null,
      });
    },
  );

  it.each(strangers)(
    'is never stopped with a code in hand, nor at what guesses nothing: by $kind',
    async (by) => {
      expect(await describeBy(by, { ...GUESS, ...CODE })).toBeNull();
      expect(await describeBy(by, CODE)).toBeNull();
      expect(await describeBy(by, {})).toBeNull();
    },
  );

  it('is told from another by the source, and counted nowhere without one', async () => {
    const [caller] = strangers;
    if (caller === undefined) throw new Error('no stranger');
    const [one, same, other] = await Promise.all([
      describeBy(caller, GUESS),
      describeBy(caller, GUESS),
      describeBy(caller, GUESS, '203.0.113.21'),
    ]);
    expect(same?.source).toBe(one?.source);
    expect(other?.source).not.toBe(one?.source);
    expect(await describeFlood(coreFrom(null), { caller, now: NOW, ...GUESS })).toBeNull();
  });
});

it.each(known)('who brings a key or acts for the operator is none: $kind', async (caller) => {
  expect(await describeBy(caller, GUESS)).toBeNull();
  expect(await describeBy(caller, NEW_CODE)).toBeNull();
});

it('lets a source guess 60 times at once and six times a minute, a tenant be guessed at 50 times a second', () => {
  const [source, tenant] = [SOURCE_PACE, TENANT_PACE].map(({ interval, span }) => ({
    atOnce: span / interval,
    aMinute: 60_000 / interval,
  }));
  expect(source).toEqual({ atOnce: 60, aMinute: 6 });
  expect(tenant).toEqual({ atOnce: 3000, aMinute: 3000 });
});
