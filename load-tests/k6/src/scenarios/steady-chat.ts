/**
 * steady-chat: pairs write to each other, both ends in turn, at a constant rate. The two ends of a pair are on
 * different gateways. It measures delivery as people feel it on an ordinary day.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: { pairs: 40, perSecond: 150, seconds: 60, warmUpSeconds: 10 },
  short: { pairs: 20, perSecond: 60, seconds: 10, warmUpSeconds: 3 },
} as const;

export function steadyChat(size: Size): Scenario {
  const { pairs, perSecond, seconds, warmUpSeconds } = plans[size.kind];
  return {
    name: 'steady-chat',
    about: 'pairs chat at a constant rate, both ends on different gateways',
    shape: `${pairs} pairs, ${perSecond} messages/s for ${seconds} s`,
    vus: 4,
    rooms: { pairs: { count: pairs, members: 2 } },
    seconds: seconds + warmUpSeconds,
    thresholds: {},
    run: async (stage) => {
      const rooms = stage.rooms('pairs');
      await stage.connectAll(rooms);
      await stage.chat({ rooms, perSecond, seconds, warmUpSeconds });
    },
  };
}
