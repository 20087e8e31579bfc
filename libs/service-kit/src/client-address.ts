/** Whose address a request counts for, behind proxies. */
import { BlockList, isIP } from 'node:net';

export type IsTrustedProxy = (address: string) => boolean;

type Network = { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' };

/** `10.0.0.0/8`, `::1`; `undefined` for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  const maxBits = version === 4 ? 32 : 128;
  if (version === 0 || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const length = bits === undefined ? maxBits : Number(bits);
  return length > maxBits ? undefined : { address, bits: length, family: familyOf(version) };
}

/** Whether an address is in one of the networks; IPv4 also in the form that a socket for both gives it, `::ffff:10.0.0.1`. */
export function proxyTrust(networks: readonly string[]): IsTrustedProxy {
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, familyOf(version));
  };
}

/**
 * The last address that no trusted proxy has. Each proxy adds, at the right of `X-Forwarded-For`, whom it saw: so the
 * header is believed as far as those who wrote it are trusted, and not at all from anybody else.
 */
export function clientAddress(params: {
  readonly remoteAddress: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly isTrusted: IsTrustedProxy;
}): string {
  const { remoteAddress, forwardedFor, isTrusted } = params;
  const forwarded = (forwardedFor ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const nearestFirst = [...forwarded, remoteAddress ?? ''].reverse();
  return nearestFirst.find((address) => !isTrusted(address)) ?? nearestFirst.at(-1) ?? '';
}

function familyOf(version: number): Network['family'] {
  return version === 4 ? 'ipv4' : 'ipv6';
}
