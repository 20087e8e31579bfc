/**
 * Runs of the whole delivery in virtual time, some of them: `npm run test:sim` makes thousands. Real: all of the
 * clients, and what of gateways and stores decides how messages travel. Modelled: Postgres, NATS, the network, the engine.
 */
import { describe, expect, it } from '@jest/globals';
import { Runner, seedsFrom } from './runs.js';

const seeds = 25;

describe('the simulation', () => {
  it(`shows every message once to every member, in one order, in ${seeds} runs that say much and crash much`, async () => {
    const runner = await Runner.create('fake');
    const tally = await runner.runAll(seedsFrom(1, seeds));
    expect(tally.failures).toEqual([]);
    expect(tally.messages).toBeGreaterThan(seeds * 5);
    expect(Object.keys(tally.crashes).length).toBeGreaterThan(seeds / 3);
  }, 300_000);

  it('repeats a run exactly from its seed', async () => {
    const hashes = [];
    for (const runner of [await Runner.create('fake'), await Runner.create('fake')])
      for (const seed of [7, 8]) hashes.push((await runner.run({ seed })).hash);
    expect(hashes.slice(0, 2)).toEqual(hashes.slice(2));
    expect(new Set(hashes).size).toBe(2);
  }, 120_000);
});
