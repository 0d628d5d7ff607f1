// What of a call's headers the gRPC bridge reads, passes on, and keeps to itself.
import type { IncomingHttpHeaders } from 'node:http2';

/** Names in lower case, each with all its values. */
export type Metadata = Readonly<Record<string, readonly string[]>>;

/** Of one connection, or of a body's encoding, which is ours on each side. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'accept-encoding',
  'alt-svc',
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The bridge says these itself. */
const OURS: ReadonlySet<string> = new Set([
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-timeout',
  'x-grpc-web',
]);

/** Where a proxy tells who called it. A client that could set one could choose its own address. */
const ADDRESSES: ReadonlySet<string> = new Set([
  'cdn-loop',
  'client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'forwarded',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-real-ip',
]);

const ADDRESS_PREFIXES = ['cf-', 'x-forwarded-'];

/** Of the trailers; among an answer's headers only when it has no more than those. */
const STATUS: ReadonlySet<string> = new Set([
  'grpc-message',
  'grpc-status',
  'grpc-status-details-bin',
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A field name of HTTP in lower case. */
export function isToken(name: string): boolean {
  return TOKEN.test(name);
}

const PRINTABLE = /^[\x20-\x7e]*$/;

/** What the value of a header may be in gRPC. */
export function isPrintable(value: string): boolean {
  return PRINTABLE.test(value);
}

function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name) || name.startsWith('proxy-');
}

function isAddress(name: string): boolean {
  return ADDRESSES.has(name) || ADDRESS_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** What a client may say to the Worker. */
export function passRequestHeaders(headers: IncomingHttpHeaders): Metadata {
  return pickHeaders(headers, (name) => !isHopByHop(name) && !OURS.has(name) && !isAddress(name));
}

/** What the Worker may say to a client, before its message. Metadata is of printable ASCII. */
export function passAnswerHeaders(headers: Metadata): Metadata {
  const named = (headers['connection'] ?? [])
    .join(',')
    .toLowerCase()
    .split(/\s*,\s*/);
  return pickHeaders(
    headers,
    (name, values) =>
      !isHopByHop(name) &&
      !OURS.has(name) &&
      !STATUS.has(name) &&
      !named.includes(name) &&
      values.every(isPrintable),
  );
}

/** What it may say after. */
export function passTrailers(trailers: Metadata): Metadata {
  return pickHeaders(trailers, (name) => !isHopByHop(name) && !OURS.has(name));
}

/** What its headers say of the status, when that is all of the answer. */
export function pickStatus(headers: Metadata): Metadata {
  return pickHeaders(headers, (name, values) => STATUS.has(name) && values.every(isPrintable));
}

function pickHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  isWanted: (name: string, values: readonly string[]) => boolean,
): Metadata {
  const picked: [string, readonly string[]][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    const values = typeof value === 'string' ? [value] : value;
    if (isWanted(name, values)) picked.push([name, values]);
  }
  // Not by assignment: a name may be one that every object has.
  return Object.fromEntries(picked);
}

/** As HTTP/2 writes it. Many names may stand only once, and all but cookies mean the same joined. */
export function flattenMetadata(metadata: Metadata): Record<string, string | string[]> {
  const flat = Object.entries(metadata).map(([name, values]) => [
    name,
    name === 'set-cookie' ? [...values] : values.join(', '),
  ]);
  return Object.fromEntries(flat);
}

/** What HTTP/2 counts for a header beside its name and its value (RFC 9113, 6.5.2). */
export const HEADER_OVERHEAD_BYTES = 32;

/** In bytes. */
export function measureHeaders(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    bytes += name.length + String(value ?? '').length + HEADER_OVERHEAD_BYTES;
  }
  return bytes;
}

export type Codec = 'proto' | 'json';

const CONTENT_TYPE = /^application\/grpc(?:\+(proto|json))?[ \t]*(?:;.*)?$/i;
const WEB_CONTENT_TYPE = /^application\/grpc-web(?:\+(proto|json))?[ \t]*(?:;.*)?$/i;

/** Null when it is not gRPC, or gRPC in a language that the Worker does not speak. */
export function readCodec(contentType: string | undefined): Codec | null {
  return matchCodec(CONTENT_TYPE, contentType);
}

export function readWebCodec(contentType: string | undefined): Codec | null {
  return matchCodec(WEB_CONTENT_TYPE, contentType);
}

function matchCodec(pattern: RegExp, contentType: string | undefined): Codec | null {
  const match = pattern.exec(contentType ?? '');
  if (match === null) return null;
  return match[1]?.toLowerCase() === 'json' ? 'json' : 'proto';
}

/** A method of a service in a package. */
const METHOD_PATH = /^\/(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*\/[A-Za-z_]\w*$/;
/** The path of REST under which the Worker takes the same request. An id of any ASCII that a path may hold. */
const REST_PATH = /^\/v2\/users\/[!"$-.0->@-~]+\/password$/;

/** The Worker has other doors, some of which open for a bare POST, and whose answers the bridge could not tell. */
export function isRpcPath(path: string): boolean {
  return METHOD_PATH.test(path) || REST_PATH.test(path);
}

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** In milliseconds. Null when there is none. */
export function parseTimeout(text: string | undefined): number | 'malformed' | null {
  if (text === undefined) return null;
  const [, digits, unit] = TIMEOUT.exec(text) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  return unitMs === undefined ? 'malformed' : Number(digits) * unitMs;
}

/** Of a time that is left; rounded up, since none is left only when none is. */
export function formatTimeout(milliseconds: number): string {
  return `${Math.max(1, Math.ceil(milliseconds))}m`;
}
