/** One thing that is done to a system of the test's own, and what it says of it. */
import type { Load } from './people.js';

export type Outcome = {
  /** In a few words, for the table. */
  readonly figures: string;
  /** Why it does not hold; empty when it does. */
  readonly failures: readonly string[];
  readonly load?: Load;
  /** The system lacks what it takes: nothing was shown. */
  readonly isSkipped?: true;
};

/** `World`: what it is done to. */
export type Case<World> = {
  readonly name: string;
  /** Part of `--quick`. */
  readonly isQuick: boolean;
  readonly run: (world: World) => Promise<Outcome>;
};

const maxDeliveryMs = 5_000;

/** What must hold of people who wrote meanwhile; `any-delay`: while something that has no replica was away. */
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
