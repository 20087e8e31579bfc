/** Everything that a run of the benchmark found. */
import type { CatchUp } from './parts/catch-up.js';
import type { Connections } from './parts/connections.js';
import type { Run } from './parts/measure.js';
import type { ReplicaKnee } from './parts/replicas.js';

export type TargetResults = {
  readonly name: string;
  readonly kind: 'ours' | 'floor' | 'rival';
  readonly delivery: readonly Run[];
  readonly knee: { readonly perSecond: number; readonly probes: readonly Run[] } | null;
  readonly fanOut: readonly (Run & { readonly online: number })[];
};

export type Results = {
  readonly startedAt: string;
  readonly machine: {
    readonly cpus: number;
    readonly model: string;
    readonly node: string;
    /** Of the last minute, before the start: above 1 the machine is not quiet. */
    readonly loadBefore: number;
  };
  readonly seconds: number;
  readonly targets: readonly TargetResults[];
  readonly catchUp: CatchUp | null;
  readonly connections: Connections | null;
  readonly replicas: readonly ReplicaKnee[];
};

export const ourName = 'CipherChat';
export const relayName = 'relay';
export const insertRelayName = 'relay with an insert';
/** The same hops as ours, with nothing done on the way. */
export const chainName = 'bare chain';
