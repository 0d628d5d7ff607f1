// How long a caller waits, as its headers say: Connect's and gRPC's. Pure.
import { parseTimeout as parseConnectTimeout } from '@connectrpc/connect/protocol-connect';
import { parseTimeout as parseGrpcTimeout } from '@connectrpc/connect/protocol-grpc';

type Timeout = ReturnType<typeof parseGrpcTimeout>;

/** What the library says of a malformed one quotes it, and is not used. */
function readTimeouts(headers: Headers): readonly Timeout[] {
  return [
    parseConnectTimeout(headers.get('connect-timeout-ms'), Number.MAX_SAFE_INTEGER),
    parseGrpcTimeout(headers.get('grpc-timeout'), Number.MAX_SAFE_INTEGER),
  ];
}

export function hasMalformedTimeout(headers: Headers): boolean {
  return readTimeouts(headers).some(({ error }) => error !== undefined);
}

/**
 * When nobody waits any longer: milliseconds since the epoch, as `now` is. Of two the earlier; null when there is none
 * or one that is malformed, which every transport has refused before.
 */
export function readDeadline(headers: Headers, now: number): number | null {
  const timeouts = readTimeouts(headers);
  if (timeouts.some(({ error }) => error !== undefined)) return null;
  const times = timeouts.flatMap(({ timeoutMs }) => (timeoutMs === undefined ? [] : [timeoutMs]));
  return times.length === 0 ? null : now + Math.min(...times);
}
