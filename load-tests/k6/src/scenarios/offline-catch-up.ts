/**
 * offline-catch-up: one of each pair is away while the other writes to it; then they come back at a constant rate and
 * fetch what they missed, page by page. It measures the time from opening the socket to having everything, and, in
 * `steady` pairs, the delivery of others meanwhile.
 */
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: { away: 60, missed: 150, writtenPerSecond: 300, backPerSecond: 3, steady: 20, perSecond: 30 },
  short: { away: 24, missed: 30, writtenPerSecond: 150, backPerSecond: 6, steady: 8, perSecond: 30 },
} as const;
const afterSeconds = 2;

export function offlineCatchUp(size: Size): Scenario {
  const { away, missed, writtenPerSecond, backPerSecond, steady, perSecond } = plans[size.kind];
  const writingSeconds = (away * missed) / writtenPerSecond;
  const backSeconds = away / backPerSecond;
  const seconds = writingSeconds + backSeconds + afterSeconds;
  return {
    name: 'offline-catch-up',
    about: 'people who were away fetch what they missed, while others chat on',
    shape: `${away} people miss ${missed} messages each, written at ${writtenPerSecond}/s, and come back at ${backPerSecond}/s; others ${perSecond} messages/s`,
    vus: 4,
    rooms: { away: { count: away, members: 2 }, steady: { count: steady, members: 2 } },
    seconds,
    thresholds: { catch_up_ms: ['p(95)<2000'], messages_caught_up: [`count>=${away * missed}`] },
    run: async (stage) => {
      const rooms = stage.rooms('away');
      const apart = stage.rooms('steady');
      await stage.connectAll([...rooms, ...apart]);
      for (const { members } of rooms) members[1]?.leave();
      const catchUp = async (): Promise<void> => {
        await stage.chat({
          rooms,
          perSecond: writtenPerSecond,
          seconds: writingSeconds,
          senders: 'first',
          timing: 'untimed',
        });
        const back = { seconds: backSeconds, perSecond: backPerSecond };
        const members = rooms.flatMap((room) => room.members.slice(1));
        await stage.each(members, back, (member, dueMs) => member.connect(dueMs));
      };
      await Promise.all([stage.chat({ rooms: apart, perSecond, seconds }), catchUp()]);
    },
  };
}
