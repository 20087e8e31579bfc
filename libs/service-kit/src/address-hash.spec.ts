import { expect, it } from '@jest/globals';
import { AddressHash, networkOf } from './address-hash.js';

const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const dayMs = 86_400_000;

it('one address has one hash a day, and another one the day after', () => {
  let nowMs = 5 * dayMs;
  const hash = new AddressHash('a key shared by replicas', random, { nowMs: () => nowMs });
  const today = hash.of('192.0.2.1');
  expect(hash.of('192.0.2.1')).toBe(today);
  expect(hash.of('192.0.2.2')).not.toBe(today);
  expect(today).not.toContain('192');
  expect(new AddressHash('a key shared by replicas', random, { nowMs: () => nowMs }).of('192.0.2.1')).toBe(
    today,
  );
  expect(new AddressHash('another key', random, { nowMs: () => nowMs }).of('192.0.2.1')).not.toBe(today);
  nowMs += dayMs;
  expect(hash.of('192.0.2.1')).not.toBe(today);
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
