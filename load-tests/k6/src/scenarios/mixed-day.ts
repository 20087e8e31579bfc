/**
 * mixed-day: a working day in minutes. People sign in over the morning, ever more of them; write in pairs and groups
 * until noon; half of them are away over lunch while the others write on, come back and catch up; in the afternoon the
 * network of one or another breaks. It measures everything at once, with the thresholds of all.
 */
import type { Member } from '../generator/member.js';
import type { Scenario, Size } from '../scenario.js';
import type { Stage } from '../generator/stage.js';

const plans = {
  full: { pairs: 40, groups: 8, members: 10, pairsPerSecond: 60, groupsPerSecond: 4, seconds: 180 },
  short: { pairs: 16, groups: 8, members: 4, pairsPerSecond: 30, groupsPerSecond: 4, seconds: 20 },
} as const;
/** Parts of the day, of its whole. */
const day = { morning: 0.25, forenoon: 0.2, lunch: 0.15, back: 0.1, afternoon: 0.3 } as const;
/** Of all members, in the afternoon. */
const breaks = 0.3;

export function mixedDay(size: Size): Scenario {
  const { pairs, groups, members, pairsPerSecond, groupsPerSecond, seconds } = plans[size.kind];
  const people = 2 * pairs + groups * members;
  return {
    name: 'mixed-day',
    about: 'a day in minutes: sign-ins, chat, groups, lunch, catching up, broken networks',
    shape: `${people} people, ${pairsPerSecond} + ${groupsPerSecond} messages/s in pairs and groups of ${members}, ${seconds} s`,
    vus: 8,
    rooms: { pairs: { count: pairs, members: 2 }, groups: { count: groups, members } },
    seconds,
    thresholds: {
      sign_ins: [`count>=${people}`],
      usable_ms: ['p(95)<2000'],
      messages_caught_up: ['count>0'],
    },
    run: async (stage) => {
      const rooms = [...stage.rooms('pairs'), ...stage.rooms('groups')];
      const all = rooms.flatMap((room) => room.members);
      const chat = (part: keyof typeof day): Promise<unknown> =>
        Promise.all([
          stage.chat({
            rooms: stage.rooms('pairs'),
            perSecond: pairsPerSecond,
            seconds: seconds * day[part],
          }),
          stage.chat({
            rooms: stage.rooms('groups'),
            perSecond: groupsPerSecond,
            seconds: seconds * day[part],
          }),
        ]);
      const morning = { seconds: seconds * day.morning, perSecond: 'ever-faster' } as const;
      await stage.each(all, morning, (member) => member.arrive());
      await chat('forenoon');
      const atLunch = all.filter((_, index) => index % 2 === 1);
      for (const member of atLunch) member.leave();
      await chat('lunch');
      const back = { seconds: seconds * day.back, perSecond: 'ever-faster' } as const;
      await Promise.all([chat('back'), stage.each(atLunch, back, (member, dueMs) => member.connect(dueMs))]);
      await Promise.all([chat('afternoon'), breakSome(stage, { all, seconds: seconds * day.afternoon })]);
    },
  };
}

/** The network of one or another. */
async function breakSome(
  stage: Stage,
  { all, seconds }: { readonly all: readonly Member[]; readonly seconds: number },
): Promise<void> {
  const unlucky = all.filter(() => stage.chance() < breaks);
  await stage.each(unlucky, { seconds, perSecond: 'ever-faster' }, (member) => {
    member.breakOff();
    return member.usable();
  });
}
