// Which database a name leads to.
import { describe, expect, it } from 'vitest';
import {
  findOrganisationPlace,
  findPlace,
  isMappedElsewhere,
  type PlaceRule,
} from '../../src/core/place.ts';

describe('the rules of a map', () => {
  const rules: PlaceRule[] = [
    { pattern: 'acme_prod', place: 'exact' },
    { pattern: 'acme_*', place: 'prefix' },
    { pattern: '*.eu.localhost', place: 'suffix' },
    { pattern: 'a*a', place: 'both' },
    { pattern: 'x.z', place: 'dot' },
  ];

  it.each([
    ['acme_prod', 'exact'],
    ['acme_test', 'prefix'],
    ['acme_', 'prefix'],
    ['acme', null],
    ['ACME_PROD', null],
    ['t1.eu.localhost', 'suffix'],
    ['.eu.localhost', 'suffix'],
    ['eu.localhost', null],
    ['t1.eu.localhost.evil.example', null],
    ['aa', 'both'],
    ['abca', 'both'],
    ['a', null],
    ['xyz', null],
    ['x.z', 'dot'],
    ['', null],
  ])('lead %j to %j', (name, place) => {
    expect(findPlace(rules, name)).toBe(place);
  });

  it('count in their order', () => {
    expect(findPlace([{ pattern: '*', place: 'db' }, ...rules], 'acme_prod')).toBe('db');
    expect(findPlace([...rules, { pattern: '*', place: 'db' }], 'zzz')).toBe('db');
    expect(findPlace([...rules, { pattern: '*', place: 'db' }], '')).toBe('db');
  });

  it('lead nowhere when there are none', () => {
    expect(findPlace([], 'acme')).toBeNull();
  });
});

describe('a host', () => {
  const rules: PlaceRule[] = [
    { pattern: '*.eu.example', place: 'db-eu' },
    { pattern: 'us.example', place: 'db' },
    { pattern: '*', place: 'db' },
  ];

  it.each([
    ['t1.eu.example', 'db-eu', false],
    ['t1.eu.example', 'db', true],
    ['us.example', 'db', false],
    ['us.example', 'db-eu', true],
    // What is not told apart may be the address of the deployment itself.
    ['auth.example', 'db', false],
    ['auth.example', 'db-eu', false],
  ])('%s that serves a token of %s is the host of another place: %s', (host, place, is) => {
    expect(isMappedElsewhere(rules, host, place)).toBe(is);
  });

  it('is of no other place when no rule tells', () => {
    expect(isMappedElsewhere([], 'auth.example', 'db')).toBe(false);
  });
});

describe('an organisation id', () => {
  const placement = {
    places: ['db', 'db-eu'],
    databases: [],
    hosts: [],
    organisations: [{ pattern: 'globex-*', place: 'db-eu' }],
  };

  it.each([
    ['db_Xk3', 'db'],
    ['db-eu_Xk3', 'db-eu'],
    ['db-eu_', 'db-eu'],
    ['globex-1', 'db-eu'],
    ['db-us_Xk3', null],
    ['DB_Xk3', null],
    ['db', null],
    ['_db', null],
    ['xdb_1', null],
    ['Xdb_1', null],
    ['', null],
  ])('%j lives in %j', (id, place) => {
    expect(findOrganisationPlace(placement, id)).toBe(place);
  });
});
