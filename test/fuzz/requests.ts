// What may be wrong about each part of a request that was right.
import fc from 'fast-check';
import { anyText, reshape, spoil, spoilText } from './mutations.ts';
import type { Sample } from './samples.ts';

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/x-www-form-urlencoded',
  'application/proto',
  'application/grpc',
  'application/grpc-web+json',
  'application/grpc-web-text',
  'application/connect+proto',
  'multipart/form-data; boundary=x',
];
const HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'connect-protocol-version',
  'connect-timeout-ms',
  'content-encoding',
  'content-type',
  'cookie',
  'expired-id-token',
  'grpc-encoding',
  'grpc-timeout',
  'refresh-token',
  'user-agent',
  'vbasoftware-client-code',
  'vbasoftware-client-id',
  'vbasoftware-database',
  'x-api-key',
  'x-http-method-override',
  'x-zitadel-orgid',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const ESCAPES = ['%', '%00', '%2f', '%ff', '%zz', '..', '//', ';', '%ed%a0%80', '%F0%9F%94%91'];

type Change = (sample: Sample) => Sample;

/** What a client may put into a header; the runtime refuses the rest before we see it. */
function toHeader(text: string): string {
  return text
    .replace(/[^\t\x20-\x7e]/g, '')
    .slice(0, 8000)
    .trim();
}

const changeBody: fc.Arbitrary<Change> = fc
  .tuple(reshape, spoil, fc.constantFrom('shape', 'bytes', 'both', 'none'))
  .map(([change, spoilt, kind]) => (sample) => {
    const { body } = sample;
    if (kind === 'none') return { ...sample, body: null };
    if (body === null || body instanceof Uint8Array) {
      return { ...sample, body: spoilt(body ?? new Uint8Array()) };
    }
    const shaped = new TextEncoder().encode(kind === 'bytes' ? JSON.stringify(body) : change(body));
    const bytes = new Uint8Array(shaped);
    return { ...sample, body: kind === 'shape' ? bytes : spoilt(bytes) };
  });

const changeHeader: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom(...HEADERS),
    fc.oneof(anyText, spoilText, fc.constantFrom(...TYPES), fc.constant(null)),
  )
  .map(([name, drawn]) => (sample) => {
    const { [name]: old = '', ...rest } = sample.headers;
    if (drawn === null) return { ...sample, headers: rest };
    const value = typeof drawn === 'string' ? drawn : drawn(old);
    return { ...sample, headers: { ...rest, [name]: toHeader(value) } };
  });

const changeUrl: fc.Arbitrary<Change> = fc
  .tuple(fc.nat(), fc.oneof(anyText.map(encodeAny), fc.constantFrom(...ESCAPES)), fc.boolean())
  .map(([at, more, isQuery]) => (sample) => {
    const { origin, pathname, search } = new URL(sample.url);
    const text = isQuery ? search || '?' : pathname;
    const index = 1 + (at % text.length);
    const changed = text.slice(0, index) + more + text.slice(index + (at % 3));
    const url = isQuery ? `${origin}${pathname}${changed}` : `${origin}${changed}${search}`;
    return URL.canParse(url) ? { ...sample, url } : sample;
  });

function encodeAny(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const changeMethod: fc.Arbitrary<Change> = fc
  .constantFrom(...METHODS)
  .map((method) => (sample) => ({ ...sample, method }));

/** Which sample, and what becomes of it. */
export const hostile: fc.Arbitrary<{ readonly at: number; readonly changes: readonly Change[] }> =
  fc.record({
    at: fc.nat(),
    changes: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: changeBody },
        { weight: 4, arbitrary: changeHeader },
        { weight: 2, arbitrary: changeUrl },
        { weight: 1, arbitrary: changeMethod },
      ),
      { maxLength: 3 },
    ),
  });
