// What belongs to no dialect: health, and the metadata with which anyone verifies our tokens. Errors: RFC 9457.
import {
  type AppContext,
  addPath,
  type Dialect,
  type Refusal,
  type Routes,
} from '../../wire/dialect.ts';
import { answerProblem } from '../../wire/problem.ts';

/** Verifiers may keep the keys for so long; a next key is published much longer before it signs. Seconds. */
const METADATA_LIFE = 300;

export const commonDialect: Dialect = {
  name: 'common',
  owns: (path) => path === '/healthz' || path.startsWith('/.well-known/'),
  load: async () => ({ mount, refuse }),
};

function mount(routes: Routes): void {
  addPath(routes, '/healthz', { GET: [(c: AppContext) => c.json({ status: 'ok' })] }, refuse);
  addPath(routes, '/.well-known/jwks.json', { GET: [answerKeys] }, refuse);
  addPath(routes, '/.well-known/openid-configuration', { GET: [answerMetadata] }, refuse);
}

async function answerKeys(c: AppContext): Promise<Response> {
  c.header('cache-control', `public, max-age=${METADATA_LIFE}`);
  const keys = await c.get('gateway').listPublicKeys();
  return c.body(JSON.stringify({ keys }), 200, { 'content-type': 'application/jwk-set+json' });
}

/** OpenID Connect Discovery 1.0 section 3, as far as it says how to verify: there are no OAuth endpoints here. */
function answerMetadata(c: AppContext): Response {
  const issuer = c.get('issuer');
  c.header('cache-control', `public, max-age=${METADATA_LIFE}`);
  return c.json({
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ['ES256'],
    subject_types_supported: ['public'],
    response_types_supported: [],
  });
}

function refuse(c: AppContext, refusal: Refusal): Response {
  return answerProblem(c, refusal);
}
