// What a tenant has that chose nothing, or little.
import { expect, it } from 'vitest';
import { completeSettings } from '../../src/core/tenant.ts';

const DEFAULTS = {
  policy: { minLength: 15, maxLength: 200, requireClasses: [] },
  accessTokenLife: 86_400,
  refreshTokenLife: 90 * 86_400,
  temporaryPasswordLife: 7 * 86_400,
  challengeLife: 900,
  codeLife: 600,
  requireSecureOtp: false,
};

it('has the defaults where it chose nothing', () => {
  expect(completeSettings({})).toEqual(DEFAULTS);
});

it('has what it chose, and the defaults beside it', () => {
  const chosen = completeSettings({ codeLife: 60, policy: { minLength: 20 } });
  expect(chosen).toEqual({
    ...DEFAULTS,
    codeLife: 60,
    policy: { minLength: 20, maxLength: 200, requireClasses: [] },
  });
});

it('does not change the defaults of another by its choice', () => {
  completeSettings({ policy: { requireClasses: ['digit'] }, requireSecureOtp: true });
  expect(completeSettings({})).toEqual(DEFAULTS);
});
