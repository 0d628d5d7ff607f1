// Where a request comes from, as far as sources are told apart: an IPv4 address, or the /64 of an IPv6 address, of which
// one household or one attacker has all. Only Cloudflare's own header says it: any other is the caller's to write.

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^[\da-f:.]{2,45}$/i;
const GROUPS = 8;
const PREFIX_GROUPS = 4;

/** null when it is not known. */
export function readSource(headers: Headers): string | null {
  const address = headers.get('cf-connecting-ip')?.trim();
  if (address === undefined) return null;
  if (IPV4.test(address)) return address;
  if (!IPV6.test(address) || !URL.canParse(`http://[${address}]/`)) return null;
  const groups = expand(new URL(`http://[${address}]/`).hostname.slice(1, -1));
  return readMapped(groups) ?? `${groups.slice(0, PREFIX_GROUPS).join(':')}::/64`;
}

/** The eight groups of an address as URLs write it: lower case, no leading zeros, one gap at most. */
function expand(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...before, ...Array(GROUPS - before.length - after.length).fill('0'), ...after];
}

/** An IPv4 address in an IPv6 one (RFC 4291 section 2.5.5.2) is the same source. */
function readMapped(groups: readonly string[]): string | null {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return null;
  const numbers = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return numbers.flatMap((number) => [number >> 8, number & 255]).join('.');
}
