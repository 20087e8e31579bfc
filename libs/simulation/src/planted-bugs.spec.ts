/**
 * A survey finds each bug that is planted on purpose. Each search begins at a seed that is known to find its bug,
 * so that the test is quick; from seed 1 on, each was found within 120 seeds.
 */
import { describe, expect, it } from '@jest/globals';
import { plantedBugs } from './planted-bugs.js';
import { Runner, seedsFrom } from './runs.js';

const firstSeeds: Readonly<Record<string, number>> = {
  'ack before commit': 2,
  'publish before commit': 7,
  'cursor before store': 3,
  'cursor moved past a gap by a live message': 6,
  'dropped resync, by the gateway': 10,
  'dropped resync, by the client': 116,
  'missing dedupe, in the store': 8,
  'missing dedupe, in the client': 1,
  'read mark sent once the socket took it': 11,
};
const maxSeeds = 1_000;

describe('a survey', () => {
  it.each(plantedBugs.map((plant) => [plant.name, plant] as const))(
    'finds: %s',
    async (name, plant) => {
      const runner = await Runner.create('fake');
      const first = firstSeeds[name] ?? 1;
      const found = await runner.find({ plant, seeds: seedsFrom(first, maxSeeds) });
      expect(found?.broken).not.toHaveLength(0);
      // Without the bug the same seed breaks nothing: it is the bug that was found.
      expect((await runner.run({ seed: found?.seed ?? 0 })).broken).toEqual([]);
    },
    300_000,
  );
});
