// The one password policy: every rule alone, and all of them at once.
import { describe, expect, it } from 'vitest';
import { findViolations, type PasswordPolicy, type PolicySubject } from '../../src/core/policy.ts';
import { chooseSettings } from '../../src/core/tenant.ts';

const DEFAULT = chooseSettings({}).policy;
const SUBJECT: PolicySubject = {
  account: {
    userId: 'user-4711',
    username: 'mikehammer',
    email: 'm.hammer@mail.example',
    phone: '+15551234567',
    name: 'Mike Hammer',
  },
  tenantName: 'Acme Corporation',
  serviceHost: 'login.example.com',
};

function listRules(password: string, policy: Partial<PasswordPolicy> = {}, subject = SUBJECT) {
  return findViolations(password, { ...DEFAULT, ...policy }, subject);
}

describe('the default policy', () => {
  it('asks for 15 to 200 code points and for no classes', () => {
    expect(DEFAULT).toEqual({ minLength: 15, maxLength: 200, requireClasses: [] });
  });

  it.each([
    'correct horse battery staple',
    'aaaaaaaaaaaaaaa',
    '000000000000000',
    '               ',
    '!!!!!!!!!!!!!!!',
    '\u{1f600}'.repeat(15),
    'a'.repeat(200),
    '\u{1f600}'.repeat(200),
    '\u0443\u0442\u0440\u043e\u043c \u0432 \u0433\u0430\u0432\u0430\u043d\u0438!',
  ])('accepts %j', (password) => {
    expect(listRules(password)).toEqual([]);
  });

  it.each([
    ['a'.repeat(14)],
    ['\u{1f600}'.repeat(14)],
    ['e\u0301'.repeat(14)],
    ['\ud55c'.repeat(14).normalize('NFD')],
    [''],
  ])('refuses the short %j', (password) => {
    expect(listRules(password)).toEqual([{ rule: 'too-short', min: 15 }]);
  });

  it.each(['a'.repeat(201), '\u{1f600}'.repeat(201)])('refuses the long %j', (password) => {
    expect(listRules(password)).toEqual([{ rule: 'too-long', max: 200 }]);
  });

  it('counts a letter and its accent as the one code point that NFC makes of them', () => {
    expect(listRules('e\u0301'.repeat(200))).toEqual([]);
    expect(listRules('e\u0301'.repeat(15))).toEqual([]);
  });
});

describe('bounds that a tenant chose', () => {
  it.each([
    ['a'.repeat(7), [{ rule: 'too-short', min: 8 }]],
    ['a'.repeat(8), []],
    ['a'.repeat(30), []],
    ['a'.repeat(31), [{ rule: 'too-long', max: 30 }]],
  ])('judge %j', (password, expected) => {
    expect(listRules(password, { minLength: 8, maxLength: 30 })).toEqual(expected);
  });
});

describe('classes that a tenant asks for', () => {
  const missing = (...classes: string[]) =>
    classes.map((characterClass) => ({ rule: 'class-missing', characterClass }));

  it.each([
    ['violet harbour 7 A!', missing()],
    ['VIOLET HARBOUR 7-A', missing('lower')],
    ['violet harbour-7-a', missing('upper')],
    ['VioletHarbourNoon', missing('digit', 'symbol')],
    ['VioletHarbour1200', missing('symbol')],
    // As ZITADEL has it: whatever is no letter and no digit of ASCII, a blank too.
    ['Violet Harbour 1200', missing()],
    ['               ', missing('lower', 'upper', 'digit')],
    ['\u0443\u0442\u0440\u043e \u0412 \u0413\u0430\u0432\u0430\u043d\u0438 7!', missing()],
    ['Violet harbour \u0667 \u{1f600}', missing()],
  ])('judge %j', (password, expected) => {
    const asked = ['lower', 'upper', 'digit', 'symbol'] as const;
    expect(listRules(password, { requireClasses: asked })).toEqual(expected);
  });

  it('are each asked for alone', () => {
    expect(listRules('VIOLET HARBOUR', { minLength: 8, requireClasses: ['lower'] })).toEqual(
      missing('lower'),
    );
    expect(listRules('VIOLET HARBOUR', { minLength: 8, requireClasses: ['upper'] })).toEqual([]);
  });
});

describe("the account's own names", () => {
  it.each([
    ['the email address', 'm.hammer@mail.example'],
    ['in capitals', 'M.HAMMER@MAIL.EXAMPLE'],
    ['the user name twice', 'mikehammermikehammer'],
    ['the user name and a year', 'mikehammer-2026!'],
    ['the full name and a number', 'Mike Hammer 12345'],
    ['two names', 'mikehammer Mike Hammer'],
    ['the user id repeated', 'user-4711user-4711'],
    ['the phone number and a word', '+15551234567 home'],
    ['the tenant and a digit', 'acme corporation1'],
    ['the local part of the email', 'm.hammer m.hammer!'],
    ['names and much punctuation', '***** mikehammer *****'],
    ['the host of the service', 'login.example.com'],
    ['words of that host', 'Example Login 12345'],
    ['the name of the service', 'rekey rekey rekey 1'],
  ])('are no password: %s', (_, password) => {
    expect(listRules(password)).toEqual([{ rule: 'own-name' }]);
  });

  it.each([
    ['enough beside the name', 'mikehammer likes violets'],
    ['a name that is part of a word', 'jackhammers in the harbour'],
    ['no name at all', 'correct horse battery'],
    ['six letters of its own', 'Acme Corporation violet'],
  ])('may be part of one: %s', (_, password) => {
    expect(listRules(password)).toEqual([]);
  });

  it('are compared in any canonical form and case', () => {
    const account = { ...SUBJECT.account, name: 'Ren\u00c9e L\u00d8vland' };
    expect(listRules('rene\u0301e l\u00f8vland 1', {}, { ...SUBJECT, account })).toEqual([
      { rule: 'own-name' },
    ]);
  });

  it('are taken out whole, even where one holds another', () => {
    const account = { ...SUBJECT.account, userId: 'mike', username: 'mikehammersmith' };
    expect(listRules('mikehammersmith!', {}, { ...SUBJECT, account })).toEqual([
      { rule: 'own-name' },
    ]);
  });

  it('are taken out without making other names of what stands around them', () => {
    const account = { ...SUBJECT.account, userId: 'harbour' };
    expect(listRules('harmikehammerbour7', {}, { ...SUBJECT, account })).toEqual([]);
  });

  it('count from three letters on', () => {
    const account = { ...SUBJECT.account, username: 'Bob' };
    expect(listRules('bob-bob-bob-bob', {}, { ...SUBJECT, account })).toEqual([
      { rule: 'own-name' },
    ]);
  });

  it('of one or two letters forbid nothing', () => {
    const account = { userId: 'a', username: 'bo', email: null, phone: null, name: 'Al' };
    expect(listRules('abalabo abalabo!', {}, { ...SUBJECT, account, tenantName: 'b' })).toEqual([]);
  });

  it('may be missing', () => {
    const account = { userId: 'u', username: null, email: null, phone: null, name: null };
    expect(
      listRules('correct horse battery', {}, { account, tenantName: '', serviceHost: '' }),
    ).toEqual([]);
  });

  it('are no patterns', () => {
    const account = { ...SUBJECT.account, username: '.*', name: '[a-z ]+' };
    expect(listRules('correct horse battery', {}, { ...SUBJECT, account })).toEqual([]);
  });
});

it('tells every broken rule at once', () => {
  const policy = { minLength: 15, requireClasses: ['lower', 'upper', 'digit', 'symbol'] as const };
  expect(listRules('MIKEHAMMER', policy)).toEqual([
    { rule: 'too-short', min: 15 },
    { rule: 'class-missing', characterClass: 'lower' },
    { rule: 'class-missing', characterClass: 'digit' },
    { rule: 'class-missing', characterClass: 'symbol' },
    { rule: 'own-name' },
  ]);
});
