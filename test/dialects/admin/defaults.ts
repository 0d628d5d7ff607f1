// What a tenant has that chose nothing, as the operator's door tells it.
export const DEFAULTS = {
  policy: { minLength: 15, maxLength: 200, requireClasses: [] },
  screening: true,
  history: 0,
  administratorPasswords: 'allowed',
  screeningOnline: false,
  accessTokenLife: 86_400,
  refreshTokenLife: 7_776_000,
  temporaryPasswordLife: 604_800,
  challengeLife: 900,
  codeLife: 600,
  requireSecureOtp: false,
  notices: true,
  language: 'en',
  templates: {},
};
