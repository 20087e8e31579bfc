/**
 * group-fan-out: everybody in large groups is on line, and members write in turn. Each message is one row and one
 * publish per member; it measures when each of the others has it, the last as well as the first.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: { groups: 4, members: 40, perSecond: 6, seconds: 60, warmUpSeconds: 10 },
  short: { groups: 4, members: 20, perSecond: 4, seconds: 10, warmUpSeconds: 3 },
} as const;

export function groupFanOut(size: Size): Scenario {
  const { groups, members, perSecond, seconds, warmUpSeconds } = plans[size.kind];
  return {
    name: 'group-fan-out',
    about: 'members of large groups write in turn, everybody on line',
    shape: `${groups} groups of ${members}, ${perSecond} messages/s for ${seconds} s: ${perSecond * (members - 1)} deliveries/s`,
    vus: groups,
    rooms: { groups: { count: groups, members } },
    seconds: seconds + warmUpSeconds,
    thresholds: {},
    run: async (stage) => {
      const rooms = stage.rooms('groups');
      await stage.connectAll(rooms);
      await stage.chat({ rooms, perSecond, seconds, warmUpSeconds });
    },
  };
}
