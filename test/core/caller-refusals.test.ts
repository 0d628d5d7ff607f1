// What a refused caller is told, and what that costs.
import { expect, it } from 'vitest';
import { explainRefusal } from '../../src/core/caller.ts';
import type { Core } from '../../src/core/context.ts';
import type { CallerClaim, OpenRequest } from '../../src/core/store.ts';

const KEY: CallerClaim = {
  ...{ kind: 'key', place: 'db', keyHash: 'hash', tenancy: null, organisationId: null },
  ...{ scope: null, pace: null },
};
const HOST: CallerClaim = { kind: 'host', place: 'db', host: 't1.localhost' };
const elsewhere: CallerClaim = { ...KEY, organisationId: 'acme-1' };

/** The store lets in who names no organisation, or nobody. */
async function explain(claim: CallerClaim, letsIn: boolean) {
  let trips = 0;
  const open = async ({ caller }: OpenRequest) => {
    trips += 1;
    return letsIn && 'organisationId' in caller && caller.organisationId === null ? {} : null;
  };
  const { kind } = await explainRefusal(
    { ports: { store: { open } } } as unknown as Core,
    claim,
    0,
  );
  return { kind, trips };
}

it('is told of the organisation who is refused for that alone', async () => {
  expect(await explain(elsewhere, true)).toEqual({ kind: 'organisation-unknown', trips: 1 });
  expect(await explain(elsewhere, false)).toEqual({ kind: 'caller-refused', trips: 1 });
});

it.each([KEY, HOST])('is not asked for again who named none: $kind', async (claim) => {
  expect(await explain(claim, true)).toEqual({ kind: 'caller-refused', trips: 0 });
});
