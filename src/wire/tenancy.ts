// The three headers with which VBA clients name their tenant, and with which ZAP clients may.
import type { Tenancy } from '../core/tenant.ts';

export type HeaderReader = (name: string) => string | undefined;

export const TENANCY_HEADERS = {
  clientId: 'vbasoftware-client-id',
  clientCode: 'vbasoftware-client-code',
  database: 'vbasoftware-database',
} as const satisfies Record<keyof Tenancy, string>;

export interface HeaderFault {
  readonly kind: 'missing' | 'repeated';
  readonly header: string;
}

type Read<Named> = { readonly tenancy: Named } | { readonly faults: readonly HeaderFault[] };

export function readTenancy(header: HeaderReader): Read<Tenancy> {
  const faults: HeaderFault[] = [];
  const tenancy = {
    clientId: readOne(header, TENANCY_HEADERS.clientId, faults),
    clientCode: readOne(header, TENANCY_HEADERS.clientCode, faults),
    database: readOne(header, TENANCY_HEADERS.database, faults),
  };
  return faults.length > 0 ? { faults } : { tenancy };
}

/** Beside a token, which names its tenant itself: the database, and of the others those that are sent. */
export function readTokenTenancy(
  header: HeaderReader,
): Read<Pick<Tenancy, 'database'> & Partial<Tenancy>> {
  const faults: HeaderFault[] = [];
  const { clientId, clientCode, database } = TENANCY_HEADERS;
  const tenancy = {
    database: readOne(header, database, faults),
    ...(header(clientId) === undefined ? {} : { clientId: readOne(header, clientId, faults) }),
    ...(header(clientCode) === undefined
      ? {}
      : { clientCode: readOne(header, clientCode, faults) }),
  };
  return faults.length > 0 ? { faults } : { tenancy };
}

/** A comma is what two headers of one name are joined with: no tenant holds one. */
function readOne(header: HeaderReader, name: string, faults: HeaderFault[]): string {
  const value = header(name) ?? '';
  if (value === '') faults.push({ kind: 'missing', header: name });
  if (value.includes(',')) faults.push({ kind: 'repeated', header: name });
  return value;
}
