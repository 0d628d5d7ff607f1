// How long a caller waits, as its headers say: Connect's and gRPC's. Pure.

/** Milliseconds; null: malformed; undefined: not said. */
type Timeout = number | null | undefined;

/** Milliseconds of gRPC's units, from the hour to the nanosecond. */
const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

function readTimeouts(headers: Headers): readonly Timeout[] {
  return [
    readTimeout(headers.get('connect-timeout-ms'), /^(\d{1,10})$/),
    readTimeout(headers.get('grpc-timeout'), /^(\d{1,8})([HMSmun])$/),
  ];
}

function readTimeout(header: string | null, form: RegExp): Timeout {
  if (header === null) return undefined;
  const [, count, unit = 'm'] = form.exec(header) ?? [];
  return count === undefined ? null : (UNITS[unit] ?? 1) * Number(count);
}

export function hasMalformedTimeout(headers: Headers): boolean {
  return readTimeouts(headers).includes(null);
}

/**
 * When nobody waits any longer: milliseconds since the epoch, as `now` is. Of two the earlier; null when there is none
 * or one that is malformed, which every transport has refused before.
 */
export function readDeadline(headers: Headers, now: number): number | null {
  const timeouts = readTimeouts(headers);
  if (timeouts.includes(null)) return null;
  const times = timeouts.filter((timeout) => typeof timeout === 'number');
  return times.length === 0 ? null : now + Math.min(...times);
}
