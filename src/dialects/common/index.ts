// What belongs to no dialect: health, and the metadata with which anyone verifies our tokens. Errors: RFC 9457.
import type { Dialect, Frame, Refusal } from '../../wire/dialect.ts';
import { makeRefusal } from '../../wire/problem.ts';
import { readSentPath } from '../../wire/sent-path.ts';

/** Verifiers may keep the keys for so long; a next key is published much longer before it signs. Seconds. */
const METADATA_LIFE = 300;
const ALLOW = 'GET, HEAD';

type Tell = (frame: Frame) => Response | Promise<Response>;

const ANSWERS: ReadonlyMap<string, Tell> = new Map<string, Tell>([
  ['/healthz', () => answerJson({ status: 'ok' }, 'application/json', 'no-store')],
  ['/.well-known/jwks.json', answerKeys],
  ['/.well-known/openid-configuration', answerMetadata],
]);

export const commonDialect: Dialect = {
  name: 'common',
  owns: (path) => path === '/healthz' || path.startsWith('/.well-known/'),
  load: async () => ({ paths: [...ANSWERS.keys()], answer }),
};

async function answer(request: Request, path: string, frame: Frame): Promise<Response> {
  const refuse = (refusal: Refusal) =>
    makeRefusal(
      { path: readSentPath({ path, url: request.url }), activityId: frame.activityId },
      refusal,
    );
  if (frame.fault !== null) return refuse({ kind: frame.fault });
  const tell = ANSWERS.get(path);
  if (tell === undefined) return refuse({ kind: 'not-found' });
  frame.route = path;
  if (request.method === 'GET') return tell(frame);
  if (request.method === 'HEAD') return new Response(null, await tell(frame));
  const refused = refuse({ kind: 'method-not-allowed', allow: ALLOW });
  refused.headers.set('allow', ALLOW);
  return refused;
}

async function answerKeys({ gateway }: Frame): Promise<Response> {
  return answerMetadataOf({ keys: await gateway.listPublicKeys() }, 'application/jwk-set+json');
}

/** OpenID Connect Discovery 1.0 section 3, as far as it says how to verify: there are no OAuth endpoints here. */
function answerMetadata({ issuer }: Frame): Response {
  const metadata = {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ['ES256'],
    subject_types_supported: ['public'],
    response_types_supported: [],
  };
  return answerMetadataOf(metadata, 'application/json');
}

function answerMetadataOf(body: object, type: string): Response {
  return answerJson(body, type, `public, max-age=${METADATA_LIFE}`);
}

function answerJson(body: object, type: string, cacheControl: string): Response {
  const headers = { 'content-type': type, 'cache-control': cacheControl };
  return new Response(JSON.stringify(body), { headers });
}
