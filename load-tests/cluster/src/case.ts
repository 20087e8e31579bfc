/** What a case is given, and what it says. */
import type { Kubectl } from './kubectl.js';
import type { Load, People } from './people.js';
import type { Release } from './release.js';

export type World = {
  readonly release: Release;
  readonly kubectl: Kubectl;
  /** Of Traefik; null where none can be had. */
  readonly edgeImage: string | null;
  /** From the first case that needs them on. */
  readonly people: () => Promise<People>;
};

export type Outcome = {
  /** In a few words, for the table. */
  readonly figures: string;
  /** Why it does not hold; empty when it does. */
  readonly failures: readonly string[];
  readonly load?: Load;
  /** The cluster lacks what it takes: nothing was shown. */
  readonly isSkipped?: true;
};

export type Case = {
  readonly name: string;
  /** Part of `--quick`. */
  readonly isQuick: boolean;
  readonly run: (world: World) => Promise<Outcome>;
};

const maxDeliveryMs = 5_000;

/** What must hold of people who wrote meanwhile; `anyDelay`: while a store without a replica was away. */
export function failuresOf(load: Load, delays: 'bounded' | 'any-delay' = 'bounded'): readonly string[] {
  const { acknowledged, lost, twice, outOfOrder, unequalRooms, slowestMs, notes, complaints } = load;
  return [
    acknowledged === 0 ? 'nothing was acknowledged' : '',
    lost > 0 ? `${lost} lost` : '',
    twice > 0 ? `${twice} shown twice` : '',
    outOfOrder > 0 ? `${outOfOrder} out of order` : '',
    unequalRooms > 0 ? `${unequalRooms} conversations differ` : '',
    delays === 'bounded' && slowestMs > maxDeliveryMs
      ? `a delivery took ${(slowestMs / 1_000).toFixed(1)} s`
      : '',
    ...notes,
    ...complaints,
  ].filter((text) => text !== '');
}
