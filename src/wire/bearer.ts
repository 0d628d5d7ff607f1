// Reads an Authorization header: one scheme, one value (RFC 9110 section 11.4, RFC 6750 section 2.1).

/** The token of "Bearer token"; the scheme's case does not matter. null for anything else, two headers included. */
export function readBearer(header: string | undefined): string | null {
  return /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? '')?.[1] ?? null;
}
