import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';

export type Options = {
  readonly extent: 'quick' | 'whole';
  /** Only these, after the installation. */
  readonly only: readonly string[];
  /** Our images, as archives that `load` puts on the node; none: the node has them, or gets them. */
  readonly images: string | null;
  /** A command that is given the path of an archive, like `kind load image-archive`. */
  readonly load: readonly string[] | null;
  /** `own`: made of this machine's programs, where nodes can pull none; `upstream`: those that the chart names. */
  readonly stores: 'own' | 'upstream';
  /** Traefik's program, of which an image is made with `stores` own; none: what takes an edge is not shown there. */
  readonly traefik: string | null;
  readonly namespace: string;
  readonly nodePort: number;
  readonly afterwards: 'clean-up' | 'keep';
  /** A file that gets how many cases held, for who called. */
  readonly results: string | null;
};

/** @throws ExplainedError that names what is wrong */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      images: { type: 'string' },
      load: { type: 'string' },
      stores: { type: 'string', default: 'upstream' },
      traefik: { type: 'string' },
      namespace: { type: 'string', default: 'cipherchat-cluster-test' },
      'node-port': { type: 'string', default: '30443' },
      keep: { type: 'boolean', default: false },
      results: { type: 'string' },
    },
  });
  const { stores } = values;
  if (stores !== 'own' && stores !== 'upstream')
    throw new ExplainedError(`--stores takes own or upstream, not ${stores}.`);
  const load = values.load?.split(' ').filter((word) => word !== '') ?? null;
  if (load === null && (values.images !== undefined || stores === 'own'))
    throw new ExplainedError(
      '--images and --stores own need --load: a command that puts an archive on the node.',
    );
  const nodePort = Number(values['node-port']);
  if (!Number.isInteger(nodePort) || nodePort < 1_024 || nodePort > 65_535)
    throw new ExplainedError('--node-port takes a port of the cluster’s range.');
  return {
    extent: values.quick ? 'quick' : 'whole',
    only: values.only?.split(',') ?? [],
    images: values.images ?? null,
    load,
    stores,
    traefik: values.traefik ?? null,
    namespace: values.namespace,
    nodePort,
    afterwards: values.keep ? 'keep' : 'clean-up',
    results: values.results ?? null,
  };
}
