// The three headers that name a tenant: all of them, each once; beside a token the database suffices.
import { describe, expect, it } from 'vitest';
import { readTenancy, readTokenTenancy, TENANCY_HEADERS } from '../../src/wire/tenancy.ts';

const { clientId, clientCode, database } = TENANCY_HEADERS;
const VALID = { [clientId]: 'client-1', [clientCode]: 'code-1', [database]: 'acme_prod' };

const read = (headers: Record<string, string>) => {
  const all = new Headers(headers);
  return readTenancy((name) => all.get(name) ?? undefined);
};

it('reads them whatever the case of their names', () => {
  const shouted = Object.fromEntries(
    Object.entries(VALID).map(([name, value]) => [name.toUpperCase(), value]),
  );
  const tenancy = { clientId: 'client-1', clientCode: 'code-1', database: 'acme_prod' };
  expect(read(VALID)).toEqual({ tenancy });
  expect(read(shouted)).toEqual({ tenancy });
});

it.each([clientId, clientCode, database])('tells that %s is missing or empty', (header) => {
  const { [header]: _, ...others } = VALID;
  const missing = { faults: [{ kind: 'missing', header }] };
  expect(read(others)).toEqual(missing);
  expect(read({ ...VALID, [header]: '' })).toEqual(missing);
});

it.each([clientId, clientCode, database])('tells that %s was given twice', (header) => {
  const twice = new Headers(VALID);
  twice.append(header, 'other');
  const repeated = { faults: [{ kind: 'repeated', header }] };
  expect(readTenancy((name) => twice.get(name) ?? undefined)).toEqual(repeated);
  expect(read({ ...VALID, [header]: 'client-1,client-1' })).toEqual(repeated);
});

it('tells all that is wrong at once', () => {
  expect(read({ [clientId]: 'a,b' })).toEqual({
    faults: [
      { kind: 'repeated', header: clientId },
      { kind: 'missing', header: clientCode },
      { kind: 'missing', header: database },
    ],
  });
});

describe('beside a token', () => {
  const readBeside = (headers: Record<string, string>) => {
    const all = new Headers(headers);
    return readTokenTenancy((name) => all.get(name) ?? undefined);
  };

  it('reads the database alone, and the others where they are sent', () => {
    const named = { database: 'acme_prod' };
    expect(readBeside({ [database]: 'acme_prod' })).toEqual({ tenancy: named });
    expect(readBeside({ [database]: 'acme_prod', [clientId]: 'client-1' })).toEqual({
      tenancy: { ...named, clientId: 'client-1' },
    });
    expect(readBeside(VALID)).toEqual({
      tenancy: { ...named, clientId: 'client-1', clientCode: 'code-1' },
    });
  });

  it('tells that the database is missing or empty', () => {
    const { [database]: _, ...others } = VALID;
    const missing = { faults: [{ kind: 'missing', header: database }] };
    expect(readBeside(others)).toEqual(missing);
    expect(readBeside({ ...VALID, [database]: '' })).toEqual(missing);
  });

  it.each([clientId, clientCode, database])('tells that %s was given twice', (header) => {
    expect(readBeside({ ...VALID, [header]: 'client-1,client-1' })).toEqual({
      faults: [{ kind: 'repeated', header }],
    });
  });

  it.each([clientId, clientCode])('does not take an empty %s for none', (header) => {
    expect(readBeside({ ...VALID, [header]: '' })).toEqual({
      faults: [{ kind: 'missing', header }],
    });
  });
});
