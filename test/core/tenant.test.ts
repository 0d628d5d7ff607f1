// What a tenant has that chose nothing, or little.
import { expect, it } from 'vitest';
import { chooseSettings } from '../../src/core/tenant.ts';

const DEFAULTS = {
  policy: { minLength: 15, maxLength: 200, requireClasses: [] },
  screening: true,
  history: 0,
  administratorPasswords: 'allowed',
  screeningOnline: false,
  accessTokenLife: 86_400,
  refreshTokenLife: 90 * 86_400,
  temporaryPasswordLife: 7 * 86_400,
  challengeLife: 900,
  codeLife: 600,
  requireSecureOtp: false,
  notices: true,
  language: 'en',
  templates: {},
};

it('has the defaults where it chose nothing', () => {
  expect(chooseSettings({})).toEqual(DEFAULTS);
});

it('has what it chose, and the defaults beside it', () => {
  const chosen = chooseSettings({ codeLife: 60, policy: { minLength: 20 } });
  expect(chosen).toEqual({
    ...DEFAULTS,
    codeLife: 60,
    policy: { minLength: 20, maxLength: 200, requireClasses: [] },
  });
});

it('does not change the defaults of another by its choice', () => {
  chooseSettings({ policy: { requireClasses: ['digit'] }, requireSecureOtp: true });
  expect(chooseSettings({})).toEqual(DEFAULTS);
});

it('keeps what it chose before and does not speak of now', () => {
  const before = chooseSettings({ codeLife: 60, policy: { minLength: 20 }, language: 'de' });
  const chosen = chooseSettings({ policy: { maxLength: 64 }, notices: false }, before);
  expect(chosen).toEqual({
    ...before,
    notices: false,
    policy: { minLength: 20, maxLength: 64, requireClasses: [] },
  });
});

it('goes back to the default by null', () => {
  const webhook = { url: 'https://hooks.example', sealedSecret: 'sealed' };
  const before = chooseSettings({ codeLife: 60, policy: { minLength: 20 }, delivery: { webhook } });
  expect(before.delivery).toEqual({ webhook });
  expect(chooseSettings({ codeLife: null, policy: null, delivery: null }, before)).toEqual(
    DEFAULTS,
  );
});
