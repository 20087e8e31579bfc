/**
 * soak: a moderate rate for long, by default half an hour. Access tokens end meanwhile and are renewed on the open
 * socket, with a sign-in. It measures delivery over all of the time; what the services hold at its start and end stands
 * in the report, where they run on this machine.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: {
    pairs: 24,
    groups: 8,
    members: 6,
    pairsPerSecond: 30,
    groupsPerSecond: 2,
    minutes: 30,
    warmUpSeconds: 30,
  },
  /** Tokens are renewed as though they lived for some seconds. */
  short: {
    pairs: 16,
    groups: 8,
    members: 3,
    pairsPerSecond: 30,
    groupsPerSecond: 2,
    minutes: 0.25,
    warmUpSeconds: 3,
    tokenLifeMs: 20_000,
  },
} as const;
/** Tokens of libs/service-kit live for ten minutes. */
const minutesWithRenewal = 10;

export function soak(size: Size): Scenario {
  const plan = plans[size.kind];
  const { pairs, groups, members, pairsPerSecond, groupsPerSecond, warmUpSeconds } = plan;
  const minutes = size.kind === 'full' ? (size.minutes ?? plan.minutes) : plan.minutes;
  const seconds = minutes * 60;
  const tokenLifeMs = 'tokenLifeMs' in plan ? plan.tokenLifeMs : undefined;
  const renews = tokenLifeMs !== undefined || minutes >= minutesWithRenewal;
  return {
    name: 'soak',
    about: 'a moderate rate for long, with tokens that end',
    shape: `${2 * pairs + groups * members} people, ${pairsPerSecond} + ${groupsPerSecond} messages/s in pairs and groups of ${members}, ${minutes} min`,
    vus: 8,
    rooms: { pairs: { count: pairs, members: 2 }, groups: { count: groups, members } },
    seconds: seconds + warmUpSeconds,
    tokenLifeMs,
    thresholds: renews ? { token_renewals: ['count>0'] } : {},
    run: async (stage) => {
      const [inPairs, inGroups] = [stage.rooms('pairs'), stage.rooms('groups')];
      await stage.connectAll([...inPairs, ...inGroups]);
      await Promise.all([
        stage.chat({ rooms: inPairs, perSecond: pairsPerSecond, seconds, warmUpSeconds }),
        stage.chat({ rooms: inGroups, perSecond: groupsPerSecond, seconds, warmUpSeconds }),
      ]);
    },
  };
}
