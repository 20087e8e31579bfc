/**
 * Random runs with a malicious member. Real: all of the client. Faked: the engine, the services, time.
 *
 * What must hold when it has stopped: everybody can talk; the store lists exactly the members; and what an honest
 * member's server has acknowledged is shown to every other one, or stands there as a mark.
 */
import { describe, expect, it } from '@jest/globals';
import type { ModelPerson } from './testing/model-world.js';
import { RepairSimulation } from './testing/repair-simulation.js';
import { everybodyCanTalk } from './testing/repair-story.js';

const seeds = 12;

describe('members of a group of which one is malicious', () => {
  it.each(Array.from({ length: seeds }, (_, index) => 1_000 + index))(
    'lose nothing silently, and go on (seed %i)',
    async (seed) => {
      const { story, written } = await RepairSimulation.run(seed);
      const { honest, conversation, mallory } = story;
      await everybodyCanTalk(story, 'after');
      const members = await story.in(someone(honest)).members();
      expect(new Set(mallory.log.current().map(({ device }) => device))).toEqual(
        new Set(members.map(({ device }) => device)),
      );
      expect(members.map(({ device }) => device)).toEqual(
        expect.arrayContaining(honest.map(({ client }) => client.self.device)),
      );
      for (const reader of honest) {
        const texts = await reader.texts(conversation);
        expect(new Set(texts).size).toBe(texts.length);
        const marks = await reader.marks(conversation);
        const missing = written.filter((text) => !texts.includes(text));
        if (missing.length > 0)
          expect([reader.username, missing, marks]).toContainEqual(
            expect.arrayContaining([
              expect.stringMatching(/rejoined|keys-gone|not-authentic|messages-missing/),
            ]),
          );
        expect(marks.filter((mark) => mark.startsWith('own-lost'))).toEqual([]);
      }
      const own = await Promise.all(
        honest.map((person) => person.client.conversation(conversation).messages({ limit: 500 })),
      );
      const unsent = own
        .flat()
        .filter(({ delivery }) => delivery?.kind === 'queued' || delivery?.kind === 'failed');
      expect(unsent).toEqual([]);
    },
  );
});

function someone(people: readonly ModelPerson[]): ModelPerson {
  const [first] = people;
  if (first === undefined) throw new Error('nobody');
  return first;
}
