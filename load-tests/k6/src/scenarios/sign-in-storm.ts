/**
 * sign-in-storm: people sign in at a constant rate, each with a challenge and an Ed25519 signature over it, come on
 * line with the new token, and greet a group that has a member on line from the start. It measures the two requests of
 * a sign-in, how soon the newcomer is usable, and when the others have the greeting. What a signature costs in k6, where
 * it is some hundred times as slow as in a client, is no part of these times and is told apart.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: { groups: 32, members: 8, perSecond: 4 },
  short: { groups: 8, members: 6, perSecond: 4 },
} as const;

export function signInStorm(size: Size): Scenario {
  const { groups, members, perSecond } = plans[size.kind];
  const arrivals = groups * (members - 1);
  const seconds = arrivals / perSecond;
  return {
    name: 'sign-in-storm',
    about: 'people sign in at a constant rate, come on line and greet a group',
    shape: `${arrivals} sign-ins, ${perSecond} a second`,
    vus: 8,
    rooms: { groups: { count: groups, members } },
    seconds,
    thresholds: {
      sign_in_ms: ['p(95)<500'],
      sign_ins: [`count==${arrivals}`],
      usable_ms: ['p(95)<1000'],
    },
    run: async (stage) => {
      const rooms = stage.rooms('groups');
      for (const { members: all } of rooms) await all[0]?.connect();
      // One after the other of each group, not group after group.
      const newcomers = Array.from({ length: members - 1 }, (_, place) =>
        rooms.flatMap(({ members: all }) => all.slice(place + 1, place + 2)),
      ).flat();
      await stage.each(newcomers, { seconds, perSecond }, async (newcomer) => {
        await newcomer.arrive();
        newcomer.write(stage.nowMs(), 'timed');
      });
    },
  };
}
