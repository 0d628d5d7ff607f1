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

/** A comma is what two headers of one name are joined with: no tenant holds one. */
export function readTenancy(
  header: HeaderReader,
): { readonly tenancy: Tenancy } | { readonly faults: readonly HeaderFault[] } {
  const faults: HeaderFault[] = [];
  const read = (name: string): string => {
    const value = header(name) ?? '';
    if (value === '') faults.push({ kind: 'missing', header: name });
    if (value.includes(',')) faults.push({ kind: 'repeated', header: name });
    return value;
  };
  const tenancy = {
    clientId: read(TENANCY_HEADERS.clientId),
    clientCode: read(TENANCY_HEADERS.clientCode),
    database: read(TENANCY_HEADERS.database),
  };
  return faults.length > 0 ? { faults } : { tenancy };
}
