import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock, RandomBytes } from './clock.js';

const keyBytes = 32;
const hashCharacters = 22;
const dayMs = 86_400_000;

/**
 * Limits per network address are counted under a keyed hash that changes daily, so that neither Redis
 * nor whoever reads it learns an address. The key is in memory only.
 */
export class AddressHash {
  private readonly key: string | Uint8Array;

  constructor(
    key: string | undefined,
    random: RandomBytes,
    private readonly clock: Clock,
  ) {
    this.key = key ?? random(keyBytes);
  }

  of(address: string): string {
    const day = Math.floor(this.clock.nowMs() / dayMs);
    return createHmac('sha256', this.key)
      .update(`${day} ${networkOf(address)}`)
      .digest('base64url')
      .slice(0, hashCharacters);
  }
}

/** IPv6 households get a /64 (RFC 6177), and may use any address of it. */
export function networkOf(address: string): string {
  const plain =
    address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::');
  const headGroups = head === '' ? [] : head.split(':');
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - headGroups.length - tailGroups.length;
  const groups = [...headGroups, ...Array.from({ length: missing }, () => '0'), ...tailGroups];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
