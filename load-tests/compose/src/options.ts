/** What `npm run test:compose` passes on: what it made where there is a network. */
import { parseArgs } from 'node:util';

export type Options = {
  /** The certificate that an operator would have, of an authority that no machine knows. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly authorityFile: string;
  /** `own`: the images that are made of this machine's programs, since upstream's cannot be had. */
  readonly stores: 'own' | 'upstream';
  /** Of a daemon that we start: where it finds the images. */
  readonly dockerData: string;
  /** Only these cases, after the first. */
  readonly only: readonly string[];
  /** `own`: this process is in a network namespace where nothing is yet. */
  readonly network: 'own' | 'machine';
};

/** @throws RangeError for what the command does not pass */
export function optionsOf(args: readonly string[]): Options {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      cert: text,
      key: text,
      authority: text,
      stores: text,
      'docker-data': text,
      network: text,
      only: { type: 'string' },
    },
  });
  const { cert, key, authority, stores, network } = values;
  const dockerData = values['docker-data'];
  if (stores !== 'own' && stores !== 'upstream') throw new RangeError('--stores takes own or upstream');
  if (network !== 'own' && network !== 'machine') throw new RangeError('--network takes own or machine');
  if ([cert, key, authority, dockerData].includes(''))
    throw new RangeError('--cert, --key, --authority and --docker-data are needed');
  const only = values.only?.split(',') ?? [];
  return { certFile: cert, keyFile: key, authorityFile: authority, stores, dockerData, network, only };
}
