// Which addresses are one source.
import { describe, expect, it } from 'vitest';
import { readSource } from '../../src/wire/source.ts';

function read(address: string): string | null {
  return readSource(new Headers({ 'cf-connecting-ip': address }));
}

describe('a source', () => {
  it.each(['203.0.113.7', '0.0.0.0', '255.255.255.255', '10.9.8.1'])(
    'of IPv4 is the address: %s',
    (address) => expect(read(address)).toBe(address),
  );

  it.each([
    '2001:db8:0:1::1',
    '2001:DB8:0:1::1',
    '2001:0db8:0000:0001:ffff:ffff:ffff:ffff',
    '2001:db8:0:1:a:b:c:d',
    '2001:db8:0:1:a:b:1.2.3.4',
  ])('of IPv6 is its /64, however it is written: %s', (address) =>
    expect(read(address)).toBe('2001:db8:0:1::/64'),
  );

  it.each([
    ['2001:db8:0:2::1', '2001:db8:0:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::', 'fe80:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
  ])('of %s is %s', (address, source) => expect(read(address)).toBe(source));

  it.each([
    '::ffff:203.0.113.7',
    '::FFFF:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:cb00:7107',
  ])('of an IPv4 address in an IPv6 one is that: %s', (address) =>
    expect(read(address)).toBe('203.0.113.7'),
  );

  it.each([
    '',
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '01.2.3.4',
    '1.2.3.4, 5.6.7.8',
    '1.2.3.4:80',
    '2001:db8::1, ::2',
    '[::1]',
    'fe80::1%eth0',
    '::1]/x[::1',
    '1::2::3',
    'unknown',
    'a'.repeat(10_000),
  ])('is not known of %j', (address) => expect(read(address)).toBeNull());

  it('is said by no other header', () => {
    const headers = new Headers({
      'x-forwarded-for': '203.0.113.7',
      'x-real-ip': '203.0.113.7',
      'true-client-ip': '203.0.113.7',
      forwarded: 'for=203.0.113.7',
    });
    expect(readSource(headers)).toBeNull();
  });
});
