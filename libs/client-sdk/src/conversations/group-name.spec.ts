/** What a group is called, when several name it. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { noFaults } from '../testing/model-network.js';
import type { ModelPerson } from '../testing/model-world.js';
import { meet, reads } from '../testing/restored-world.js';

async function group(seed: number) {
  const { world, people } = await meet(seed, 'ana', 'ben', 'cleo');
  const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
  const { id } = await ana.client.group({ users: [ben.user, cleo.user], name: 'first' });
  await ana.client.conversation(id).send('start');
  await reads(world, people, id, 'start');
  const names = () => people.map((person) => person.client.conversation(id).info.name);
  const chatOf = (person: ModelPerson) => person.client.conversation(id);
  return { world, ana, ben, names, chatOf };
}

describe('the name of a group', () => {
  it('is the one that stands last in the log, on all devices, also for who was away and named it first', async () => {
    const { world, ana, ben, names, chatOf } = await group(31);
    ana.goOffline();
    await chatOf(ana).rename('of ana');
    expect(names()).toEqual(['of ana', 'first', 'first']);
    await chatOf(ben).rename('of ben');
    await world.clock.run(5_000);
    ana.goOnline();
    await world.clock.run(30_000);
    expect(names()).toEqual(['of ana', 'of ana', 'of ana']);
  });

  it("stays one's own when what stands before it in the log comes later", async () => {
    const { world, ana, ben, names, chatOf } = await group(32);
    world.network.faults = { ...noFaults, loseLive: 1 };
    await chatOf(ben).rename('of ben');
    await world.clock.run(100);
    await chatOf(ana).rename('of ana');
    await world.clock.run(1_000);
    world.network.faults = noFaults;
    for (const person of [ana, ben]) person.goOffline();
    for (const person of [ana, ben]) person.goOnline();
    await chatOf(ben).send('the end');
    await world.clock.run(30_000);
    expect(names()).toEqual(['of ana', 'of ana', 'of ana']);
  });
});
