// Temporary passwords made by us: fit for every policy that can be set, and drawn without bias.
import { describe, expect, it } from 'vitest';
import { generatePassword } from '../../../src/core/password/generate.ts';
import { countCodePoints, findPasswordFault } from '../../../src/core/password/text.ts';
import { findViolations, type PasswordPolicy } from '../../../src/core/policy.ts';
import { chooseSettings } from '../../../src/core/tenant.ts';
import { computeChiSquare, createSeededRandom, platformRandom } from '../../support/secrets.ts';

const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const { policy } = chooseSettings({});
const SUBJECT = {
  account: {
    userId: 'user-1',
    username: 'mike',
    email: 'mike@mail.example',
    phone: null,
    name: null,
  },
  tenantName: 'Acme',
  serviceHost: 'login.example.com',
};

describe('a generated password', () => {
  it.each<[string, Partial<PasswordPolicy>]>([
    ['the default policy', {}],
    ['the shortest minimum', { minLength: 8 }],
    ['the smallest maximum', { maxLength: 30 }],
    ['the longest minimum', { minLength: 30, maxLength: 200 }],
    ['the narrowest span', { minLength: 30, maxLength: 30 }],
    ['every class', { requireClasses: ['lower', 'upper', 'digit', 'symbol'] }],
  ])('keeps %s', (_, choice) => {
    const chosen = { ...policy, ...choice };
    for (let i = 0; i < 500; i += 1) {
      const password = generatePassword(chosen, platformRandom);
      expect(findViolations(password, chosen, SUBJECT), password).toEqual([]);
      expect(findPasswordFault(password)).toBeNull();
    }
  });

  it('is groups of five unmistakable characters, joined by dashes', () => {
    const password = generatePassword(policy, platformRandom);
    expect(password).toMatch(new RegExp(`^[${ALPHABET}]{5}(-[${ALPHABET}]{5}){3}$`));
    expect(countCodePoints(password)).toBe(23);
  });

  it.each([
    [23, 4],
    [24, 5],
    [30, 6],
  ])('of %i characters or more has %i groups, and no further one to read', (minLength, groups) => {
    const password = generatePassword({ ...policy, minLength }, platformRandom);
    expect(password.split('-')).toHaveLength(groups);
  });

  it('is drawn again until it has a small letter, a capital and a digit', () => {
    const [small, capital, digit] = ['a', 'A', '2'].map((letter) => ALPHABET.indexOf(letter));
    const drawn = [
      [small, digit],
      [capital, digit],
      [small, capital],
      [small, capital, digit],
    ];
    const bytes = drawn.flatMap((some) =>
      Array.from({ length: 20 }, (_, index) => some[index % some.length] ?? 0),
    );
    const random = { bytes: () => Uint8Array.of(bytes.shift() ?? 0) };
    expect(generatePassword(policy, random)).toBe('aA2aA-2aA2a-A2aA2-aA2aA');
  });

  it('takes no character from a byte that would make it likelier than another', () => {
    const bytes = [224, 255, ...Array.from({ length: 20 }, (_, index) => 40 + index)];
    const random = { bytes: () => Uint8Array.of(bytes.shift() ?? 0) };
    expect(generatePassword(policy, random).replaceAll('-', '')).toBe(
      Array.from({ length: 20 }, (_, index) => ALPHABET[(40 + index) % 56]).join(''),
    );
  });

  it('is another one each time', () => {
    const drawn = Array.from({ length: 1000 }, () => generatePassword(policy, platformRandom));
    expect(new Set(drawn).size).toBe(1000);
  });

  it('has no character that is likelier than another', () => {
    const random = createSeededRandom(1);
    const drawn = Array.from({ length: 5000 }, () => generatePassword(policy, random));
    const characters = drawn.join('').replaceAll('-', '');
    expect(characters).toHaveLength(100_000);
    // 55 degrees of freedom. Redraws for a missing digit add about 40; a bare modulo would give about 1200.
    expect(computeChiSquare(characters, ALPHABET)).toBeLessThan(200);
  });
});
