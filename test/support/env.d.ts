declare namespace Cloudflare {
  interface Env {
    readonly DB: D1Database;
    readonly DB_EU: D1Database;
    readonly EMAIL: SendEmail;
    readonly ADMIN_KEY: string;
    readonly PEPPER_KEYS: string;
    readonly MAC_KEYS: string;
    readonly CHAIN_KEYS: string;
    readonly SIGNING_JWKS: string;
    readonly ISSUER: string;
    /** JSON: the secrets as each kind of key has been rotated after the other. */
    readonly ROTATIONS: string;
  }
}

declare module '*.sql?raw' {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** Vite's: the files of a pattern, as text. */
  glob(
    pattern: string,
    options: { readonly query: '?raw'; readonly import: 'default'; readonly eager: true },
  ): Record<string, string>;
  /** The modules themselves. */
  glob(
    pattern: string,
    options: { readonly eager: true },
  ): Record<string, Readonly<Record<string, unknown>>>;
}
