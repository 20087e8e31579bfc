/** Who has which address in the network that the containers share. */

/** Whom nginx passes requests to, and nginx itself, by which services know who speaks for others. */
const named = ['web', 'auth', 'key-directory', 'message-store', 'gateway-1', 'gateway-2'] as const;
/** The first is the network's own, the second by habit the machine's. */
const firstNamed = 2;
/** The upper half of the narrowest has 16: for the machine, 6 containers without a name, and programs that are run beside them. */
const [widest, narrowest] = [8, 27];
const bits = 32;

export type Addresses = {
  readonly fixed: Readonly<Record<(typeof named)[number], string>>;
  /** The upper half of the network, from which Docker gives the others theirs. */
  readonly others: string;
};

/** @throws RangeError when it is no network like 10.77.7.0/24, or too narrow */
export function addressesIn(subnet: string): Addresses {
  const [address = '', prefixText = ''] = subnet.split('/');
  const octets = address.split('.');
  const prefix = Number(prefixText);
  const size = 2 ** (bits - prefix);
  const network = octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const isNetwork =
    octets.length === 4 &&
    octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256) &&
    /^\d{1,2}$/.test(prefixText) &&
    prefix >= widest &&
    prefix <= narrowest &&
    network % size === 0;
  if (!isNetwork) throw new RangeError(`--subnet is like 10.77.7.0/24, from /${widest} to /${narrowest}.`);
  const fixed = Object.fromEntries(
    named.map((name, index) => [name, textOf(network + firstNamed + index)]),
  ) as Addresses['fixed'];
  return { fixed, others: `${textOf(network + size / 2)}/${prefix + 1}` };
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
