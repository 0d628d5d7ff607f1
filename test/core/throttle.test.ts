// Whose guesses are counted together, and how long to wait.
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../src/core/keyring.ts';
import {
  CLOSING_LIMIT,
  computeThrottleSource,
  computeThrottleSubject,
  type Grant,
  isClosed,
  LANE_LIFE,
  readGrant,
  readRetryAfter,
  THROTTLE_RULE,
} from '../../src/core/throttle.ts';
import { makeKeySecrets } from '../support/secrets.ts';

describe('the subject', () => {
  const keyring = createKeyring(makeKeySecrets());
  const compute = (submitted: string) => computeThrottleSubject(keyring, submitted);

  it('is one whatever the case of ASCII letters', async () => {
    expect(await compute('Mike@Mail.Example')).toBe(await compute('mike@mail.example'));
  });

  it('is one for the two canonical forms of a name', async () => {
    expect(await compute('ren\u00e9')).toBe(await compute('rene\u0301'));
  });

  it.each(['mike2', 'mike ', ' mike', 'mi ke', 'm\u0131ke', '', 'mike\0'])(
    'is another for %j',
    async (submitted) => {
      expect(await compute(submitted)).not.toBe(await compute('mike'));
    },
  );

  it('is keyed, so that the table cannot be searched for a name', async () => {
    const subject = await compute('mike');
    expect(subject).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const other = await computeThrottleSubject(createKeyring(makeKeySecrets()), 'mike');
    expect(other).not.toBe(subject);
  });
});

describe('the source', () => {
  const keyring = createKeyring(makeKeySecrets());
  const address = '203.0.113.20';

  it('is keyed, and another one for each address', async () => {
    const source = await computeThrottleSource(keyring, address);
    expect(source).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await computeThrottleSource(keyring, address)).toBe(source);
    expect(await computeThrottleSource(keyring, '203.0.113.21')).not.toBe(source);
    const other = createKeyring(makeKeySecrets());
    expect(await computeThrottleSource(other, address)).not.toBe(source);
  });

  it('is not taken for a name that is spelt like it', async () => {
    const subject = await computeThrottleSubject(keyring, address);
    expect(await computeThrottleSource(keyring, address)).not.toBe(subject);
    // What was counted before is found again.
    expect(subject).toBe(await keyring.mac('throttle-subject', address));
    expect(await computeThrottleSource(keyring, address)).toBe(
      await keyring.mac('throttle-source', address),
    );
  });

  it('that is not known is none', async () => {
    expect(await computeThrottleSource(keyring, null)).toBe(null);
  });

  it('is remembered for 30 days', () => {
    expect(LANE_LIFE).toBe(2_592_000_000);
  });
});

describe('a lane', () => {
  const granted = (failures: number | null): Grant => ({
    kind: 'granted',
    subject: 'name',
    serial: 1,
    failures: 1,
    lane: failures === null ? null : { source: '', failures },
    taken: [],
  });

  it.each([
    [null, false],
    [1, false],
    [CLOSING_LIMIT, false],
    [CLOSING_LIMIT + 1, true],
  ])('of %s guesses, this one included: closed is %s', (failures, closed) => {
    expect(isClosed(granted(failures))).toBe(closed);
  });

  it('closes after a hundred', () => {
    expect(CLOSING_LIMIT).toBe(100);
  });
});

describe('the wait', () => {
  it('begins at 30 seconds after ten wrong guesses and ends at an hour', () => {
    expect(THROTTLE_RULE).toEqual({ limit: 10, firstWait: 30_000, longestWait: 3_600_000 });
  });

  it.each([
    [30_000, 30],
    [30_001, 31],
    [29_001, 30],
    [1000, 1],
    [1, 1],
    [0, 1],
    [-5000, 1],
    [3_600_000, 3600],
  ])('of %i ms is told as %i s', (left, seconds) => {
    const now = 1_700_000_000_000;
    expect(readRetryAfter(now + left, now)).toBe(seconds);
  });
});

describe('a reserved attempt', () => {
  const NOW = 1_000_000;

  it('that was granted is given on', () => {
    const grant = {
      kind: 'granted',
      subject: 'name',
      serial: 7,
      failures: 3,
      lane: null,
      taken: [],
    } as const;
    expect(readGrant(grant, NOW)).toEqual({ ok: true, value: grant });
  });

  it.each([
    [{ kind: 'blocked', until: NOW + 30_000 } as const, 30],
    [{ kind: 'blocked', until: NOW - 1 } as const, 1],
    [null, 1],
  ])('that was not, %j, is refused with the seconds to wait', (attempt, retryAfter) => {
    const failure = { kind: 'throttled', retryAfter };
    expect(readGrant(attempt, NOW)).toEqual({ ok: false, failure });
  });
});
