/** Real: Postgres, and the store's two hot statements. What they are asked comes from runs over the model. */
import { describe, expect, it } from '@jest/globals';
import { plantedBugs } from './planted-bugs.js';
import { replayOnPostgres } from './postgres-replay.js';
import { seedsFrom } from './runs.js';

describe('what runs ask of the model of the database', () => {
  it('real Postgres answers alike', async () => {
    const { asked, differences } = await replayOnPostgres(seedsFrom(1, 40));
    expect(differences).toEqual([]);
    expect(asked).toBeGreaterThan(500);
  }, 120_000);

  it('real Postgres answers otherwise where the model does not look for duplicates', async () => {
    const plant = plantedBugs.find(({ name }) => name === 'missing dedupe, in the store');
    // In some of them something is sent again.
    const { differences } = await replayOnPostgres(seedsFrom(1, 40), plant);
    expect(differences.join()).toContain('Postgres says duplicate');
  }, 120_000);
});
