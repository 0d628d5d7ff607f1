// The variables about pages of other origins and about the server of breached hashes: what they become, what is refused.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.ts';
import type { Env } from './support/rekey.ts';

const VALID = env as unknown as Env;

describe('ORIGINS', () => {
  it('lists origins by host, in order', () => {
    const ORIGINS = ' A.example=https://b.example  https://c.example:8443 ,*=http://[::1]:3000';
    expect(parseConfig({ ...VALID, ORIGINS }).origins).toEqual([
      { pattern: 'a.example', origins: ['https://b.example', 'https://c.example:8443'] },
      { pattern: '*', origins: ['http://[::1]:3000'] },
    ]);
  });

  it('lists none when it is not there', () => {
    expect(parseConfig({ ...VALID, ORIGINS: undefined }).origins).toEqual([]);
  });

  it.each([
    ...['', '*=', '=https://a.example', 'https://a.example', 'a*b*=https://a.example'],
    ...['*=https://a.example,', '*=*', '*=null', '*=a.example', '*=https://*.example'],
    ...['*=https://a.example/', '*=https://a.example:443', '*=https://A.example'],
    ...['*=http://a.example', '*=https://user@a.example', '*=https://a.example?x'],
    ...['*=https://a.example;https://b.example', '*=file:///etc', '*=capacitor://localhost'],
  ])('refuses %j', (ORIGINS) => {
    expect(findVariable({ ORIGINS })).toBe('ORIGINS');
  });
});

describe('BREACH_RANGE_URL', () => {
  it.each(['https://range.example/range/', 'http://127.0.0.1:9000/', undefined])(
    'may be %j',
    (BREACH_RANGE_URL) => {
      const config = parseConfig({ ...VALID, BREACH_RANGE_URL });
      expect(config.breachRangeUrl).toBe(BREACH_RANGE_URL ?? null);
    },
  );

  it.each([
    ...['', 'range.example/', 'http://range.example/', 'https://range.example/range'],
    ...['https://range.example/?x=/', 'https://u:p@range.example/', 'ftp://localhost/'],
  ])('refuses %j', (BREACH_RANGE_URL) => {
    expect(findVariable({ BREACH_RANGE_URL })).toBe('BREACH_RANGE_URL');
  });
});

function findVariable(change: Env): string | null {
  try {
    parseConfig({ ...VALID, ...change });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.variable;
    throw error;
  }
}
