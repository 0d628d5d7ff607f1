// One deployment's keys, one tenant's admin and the clock that the tests of tokens share.
import { createKeyring } from '../../src/core/keyring.ts';
import { chooseSettings } from '../../src/core/tenant.ts';
import type { TokenClaims, TokenContext, TokenSubject } from '../../src/core/token.ts';
import { makeKeySecrets, makeSigningJwk } from './secrets.ts';

/** Milliseconds. */
export const NOW = 1_800_000_000_000;
export const SECONDS = NOW / 1000;
export const ISSUER = 'https://auth.example';
export const LIFE = 3600;

/** Signs. */
export const ours = makeSigningJwk();
/** Published, and signs after a rotation. */
export const next = makeSigningJwk();
export const secrets = makeKeySecrets({ signingKeys: [ours, next] });
export const context: TokenContext = { keyring: createKeyring(secrets), issuer: ISSUER, now: NOW };

export const SUBJECT: TokenSubject = {
  place: 'db-eu',
  tenant: {
    id: 'db-eu_tenant',
    name: 'Acme',
    clientId: 'client-1',
    clientCode: 'code-1',
    database: 'acme_prod',
    settings: chooseSettings({ accessTokenLife: LIFE }),
  },
  account: {
    userId: 'user-1',
    username: 'mike',
    email: 'mike@mail.example',
    phone: '+1555',
    name: 'Mike',
    profile: {},
    role: 'admin',
    createdAt: 0,
    updatedAt: 0,
    disabledAt: null,
    lockedAt: null,
  },
  familyId: 'family-1',
  version: 3,
};

/** What a verified access token of SUBJECT says. */
export const CLAIMS: TokenClaims = {
  place: 'db-eu',
  tenantId: 'db-eu_tenant',
  userId: 'user-1',
  familyId: 'family-1',
  version: 3,
};
