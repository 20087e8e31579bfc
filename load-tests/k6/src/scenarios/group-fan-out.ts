/**
 * group-fan-out: everybody in groups is on line, and members write in turn. Each message is one row and one publish per
 * member; it measures when each of the others has it, the last as well as the first. In `large` groups, of more than
 * 100, nobody is told what reached whom; in `small` ones everybody is, which makes several times as many frames as the
 * messages do.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: {
    large: { count: 2, members: 110 },
    small: { count: 4, members: 20 },
    largePerSecond: 2,
    smallPerSecond: 4,
    seconds: 60,
    warmUpSeconds: 10,
  },
  short: {
    large: { count: 2, members: 24 },
    small: { count: 2, members: 12 },
    largePerSecond: 2,
    smallPerSecond: 4,
    seconds: 10,
    warmUpSeconds: 3,
  },
} as const;

export function groupFanOut(size: Size): Scenario {
  const { large, small, largePerSecond, smallPerSecond, seconds, warmUpSeconds } = plans[size.kind];
  const deliveries = largePerSecond * (large.members - 1) + smallPerSecond * (small.members - 1);
  return {
    name: 'group-fan-out',
    about: 'members of groups write in turn, everybody on line',
    shape: `${large.count} groups of ${large.members} and ${small.count} of ${small.members}, ${largePerSecond} + ${smallPerSecond} messages/s for ${seconds} s: ${deliveries} deliveries/s`,
    vus: 2,
    rooms: { large, small },
    seconds: seconds + warmUpSeconds,
    thresholds: {},
    run: async (stage) => {
      const [inLarge, inSmall] = [stage.rooms('large'), stage.rooms('small')];
      await stage.connectAll([...inLarge, ...inSmall]);
      await Promise.all([
        stage.chat({ rooms: inLarge, perSecond: largePerSecond, seconds, warmUpSeconds }),
        stage.chat({ rooms: inSmall, perSecond: smallPerSecond, seconds, warmUpSeconds }),
      ]);
    },
  };
}
