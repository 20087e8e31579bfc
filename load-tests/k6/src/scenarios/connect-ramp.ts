/**
 * connect-ramp: people come on line ever faster, from none to the highest rate at the end, and stay. It measures the
 * time from opening a socket to being usable. Whose pair is complete chats a little all the while: others who come must
 * not disturb those who are there.
 */
import type { Room } from '../generator/room.js';
import type { Scenario, Size } from '../scenario.js';

const plans = {
  full: { pairs: 240, seconds: 60, perSecond: 40 },
  short: { pairs: 48, seconds: 12, perSecond: 20 },
} as const;
const afterRampSeconds = 2;

export function connectRamp(size: Size): Scenario {
  const { pairs, seconds, perSecond } = plans[size.kind];
  return {
    name: 'connect-ramp',
    about: 'sockets come ever faster and stay, while those who are there chat',
    shape: `${2 * pairs} sockets in ${seconds} s, ${(4 * pairs) / seconds} a second at the end; ${perSecond} messages/s`,
    vus: 8,
    rooms: { pairs: { count: pairs, members: 2 } },
    seconds: seconds + afterRampSeconds,
    thresholds: { usable_ms: ['p(95)<1000'] },
    run: async (stage) => {
      const rooms = stage.rooms('pairs');
      const complete: Room[] = [];
      const members = rooms.flatMap((room) => room.members.map((member) => ({ room, member })));
      const coming = stage.each(
        members,
        { seconds, perSecond: 'ever-faster' },
        async ({ room, member }, dueMs) => {
          await member.connect(dueMs);
          if (room.members.every(({ isUsable }) => isUsable)) complete.push(room);
        },
      );
      // The list grows while they chat.
      await Promise.all([
        coming,
        stage.chat({ rooms: complete, perSecond, seconds: seconds + afterRampSeconds }),
      ]);
    },
  };
}
