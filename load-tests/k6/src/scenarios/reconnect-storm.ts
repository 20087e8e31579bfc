/**
 * reconnect-storm: again and again the sockets of many people break at the same moment, as when a gateway or a network
 * goes, and all come back with the jitter of real clients. They write all the while; what falls into the gap is sent
 * again and fetched. It measures how soon they are usable again, and, in `steady` pairs, whether the storm disturbs
 * those who kept their sockets: only what these write is timed as delivery.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: { storming: 80, steady: 20, storms: 3, perSecond: 60, seconds: 60 },
  short: { storming: 32, steady: 12, storms: 1, perSecond: 40, seconds: 12 },
} as const;
/** Of all messages, those of people in the storm. */
const stormingShare = 0.5;

export function reconnectStorm(size: Size): Scenario {
  const { storming, steady, storms, perSecond, seconds } = plans[size.kind];
  return {
    name: 'reconnect-storm',
    about: 'many sockets break at once and come back with jitter, while others chat on',
    shape: `${2 * storming} sockets break ${storms === 1 ? 'once' : `${storms} times`} in ${seconds} s, ${2 * steady} stay; ${perSecond} messages/s`,
    vus: 4,
    rooms: {
      storming: { count: storming, members: 2 },
      steady: { count: steady, members: 2 },
    },
    seconds,
    thresholds: { usable_ms: ['p(95)<2000'], messages_caught_up: ['count>0'] },
    run: async (stage) => {
      const inStorm = stage.rooms('storming');
      const apart = stage.rooms('steady');
      await stage.connectAll([...inStorm, ...apart]);
      const members = inStorm.flatMap((room) => room.members);
      const storm = async (): Promise<void> => {
        for (let count = 0; count < storms; count++) {
          await stage.wait((seconds * 1_000) / (storms + 1));
          for (const member of members) member.breakOff();
        }
      };
      await Promise.all([
        stage.chat({ rooms: apart, perSecond: perSecond * (1 - stormingShare), seconds }),
        stage.chat({ rooms: inStorm, perSecond: perSecond * stormingShare, seconds, timing: 'untimed' }),
        storm(),
      ]);
      await Promise.all(members.map((member) => member.usable()));
    },
  };
}
