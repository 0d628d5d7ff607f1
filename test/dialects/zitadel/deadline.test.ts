// When nobody waits any longer, as a request's headers say.
import { describe, expect, it } from 'vitest';
import { hasMalformedTimeout, readDeadline } from '../../../src/dialects/zitadel/deadline.ts';

const NOW = 1_800_000_000_000;

describe('a deadline', () => {
  it.each<[Record<string, string>, number | null]>([
    [{}, null],
    [{ 'connect-timeout-ms': '2500' }, 2500],
    [{ 'connect-timeout-ms': '0' }, 0],
    [{ 'connect-timeout-ms': '9999999999' }, 9_999_999_999],
    [{ 'grpc-timeout': '2H' }, 7_200_000],
    [{ 'grpc-timeout': '3M' }, 180_000],
    [{ 'grpc-timeout': '4S' }, 4000],
    [{ 'grpc-timeout': '500m' }, 500],
    [{ 'grpc-timeout': '5000u' }, 5],
    [{ 'grpc-timeout': '99999999n' }, 99.999999],
    [{ 'connect-timeout-ms': '2500', 'grpc-timeout': '1S' }, 1000],
    [{ 'connect-timeout-ms': '250', 'grpc-timeout': '1S' }, 250],
  ])('of %j is %s ms away', (headers, wait) => {
    expect(hasMalformedTimeout(new Headers(headers))).toBe(false);
    expect(readDeadline(new Headers(headers), NOW)).toBe(wait === null ? null : NOW + wait);
  });

  it.each<[Record<string, string>]>([
    [{ 'connect-timeout-ms': '' }],
    [{ 'connect-timeout-ms': '-1' }],
    [{ 'connect-timeout-ms': '1.5' }],
    [{ 'connect-timeout-ms': '1e3' }],
    [{ 'connect-timeout-ms': '10000000000' }],
    [{ 'connect-timeout-ms': '1, 2' }],
    [{ 'grpc-timeout': '' }],
    [{ 'grpc-timeout': '1' }],
    [{ 'grpc-timeout': '1s' }],
    [{ 'grpc-timeout': '100000000S' }],
    [{ 'grpc-timeout': '1S', 'connect-timeout-ms': 'x' }],
  ])('of %j is malformed, and none', (headers) => {
    expect(hasMalformedTimeout(new Headers(headers))).toBe(true);
    expect(readDeadline(new Headers(headers), NOW)).toBeNull();
  });
});
