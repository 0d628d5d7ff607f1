// The start of a session: what the commit must write, and what its winner is given.
import { expect, it } from 'vitest';
import { createTraffic } from '../../src/core/chain-pace.ts';
import type { Core } from '../../src/core/context.ts';
import { createHashQueue } from '../../src/core/hash-queue.ts';
import { hashOpaque, readOpaquePlace } from '../../src/core/opaque.ts';
import { createPasswordEngine } from '../../src/core/password/password.ts';
import { startSession } from '../../src/core/session.ts';
import type { Opened, Store } from '../../src/core/store.ts';
import { verifyAccessToken, verifyExpiredIdToken } from '../../src/core/token.ts';
import { UNPACED, UNUSED_PORTS } from '../support/ports.ts';
import { platformRandom } from '../support/secrets.ts';
import { context, ISSUER, LIFE, NOW, SUBJECT } from '../support/tokens.ts';

const meter = { trips: 0, links: 0, allowance: null, tenantId: null, refusal: null };
const rest = async () => {};
const core: Core = {
  ports: {
    ...UNUSED_PORTS,
    store: {} as Store,
    meter,
    rest,
    random: platformRandom,
    clock: { now: () => NOW },
  },
  config: {
    issuer: ISSUER,
    keyring: context.keyring,
    screening: { findViolation: async () => null },
    hashQueue: createHashQueue(1, Date.now),
    traffic: createTraffic(),
    placement: { places: [], databases: [], hosts: [], organisations: [] },
  },
  engine: createPasswordEngine(context.keyring, platformRandom, UNPACED),
};
const { place, tenant, account } = SUBJECT;
const opened: Pick<Opened, 'place' | 'tenant'> = { place, tenant };

it('writes a family under the version to come, with the hash of its token alone', async () => {
  const { write, session } = await startSession(core, opened, account, 4, NOW);
  const { refreshToken, accessToken, idToken, expiresIn } = await session();
  expect(write).toEqual({
    kind: 'start-family',
    macKeyId: 'm1',
    familyId: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    version: 4,
    expiresAt: NOW + tenant.settings.refreshTokenLife * 1000,
    tokenHash: await hashOpaque(refreshToken),
  });
  expect(JSON.stringify(write)).not.toContain(refreshToken);
  expect(readOpaquePlace('refresh', refreshToken)).toBe(place);
  expect(expiresIn).toBe(LIFE);
  expect(await verifyAccessToken(context, accessToken)).toEqual({
    place,
    tenantId: tenant.id,
    userId: account.userId,
    familyId: write.kind === 'start-family' ? write.familyId : '',
    version: 4,
  });
  expect(await verifyExpiredIdToken(context, idToken)).toMatchObject({ userId: account.userId });
});

it('is another family and token each time', async () => {
  const sessions = [
    await startSession(core, opened, account, 1, NOW),
    await startSession(core, opened, account, 1, NOW),
  ];
  const tokens = await Promise.all(
    sessions.map(async ({ session }) => (await session()).refreshToken),
  );
  expect(new Set(tokens).size).toBe(2);
  expect(new Set(sessions.map(({ write }) => JSON.stringify(write))).size).toBe(2);
});
