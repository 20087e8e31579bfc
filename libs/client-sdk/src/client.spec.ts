/** Stories over the model of the services: everything of the client is real but the engine, in virtual time. */
import { describe, expect, it } from '@jest/globals';
import { ModelWorld } from './testing/model-world.js';

describe('two people', () => {
  it('exchange messages in order, each shown once, and see them delivered', async () => {
    const world = new ModelWorld({ seed: 1 });
    const [ana, ben] = [await world.person('ana'), await world.person('ben')];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await toBen.send('are you there?');
    await world.clock.runUntil(async () => ben.client.conversations().length > 0 && (await ben.texts(toBen.id)).length === 2);
    const toAna = ben.client.conversation(toBen.id);
    await toAna.send('yes');
    await world.clock.runUntil(async () => (await ana.texts(toBen.id)).length === 3);
    await world.clock.run(5_000);
    expect(await ana.texts(toBen.id)).toEqual(['hello', 'are you there?', 'yes']);
    expect(await ben.texts(toBen.id)).toEqual(['hello', 'are you there?', 'yes']);
    expect((await toBen.messages()).map(({ delivery }) => delivery?.kind ?? null)).toEqual(['delivered', 'delivered', null]);
    expect([ana.faults, ben.faults, world.universe.violations]).toEqual([[], [], []]);
  });
});
