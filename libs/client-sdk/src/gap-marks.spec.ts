/**
 * Marks of what is missing that no other story brings about; the rest stands in `repair-ladder.spec.ts`,
 * `expired.spec.ts`, `repair.spec.ts` and `lying-server.spec.ts`. Real: all of the client. Faked: the engine, the services, time.
 */
import { describe, expect, it } from '@jest/globals';
import { ModelWorld } from './testing/model-world.js';
import { everybodyCanTalk, groupWithMallory, marksOf } from './testing/repair-story.js';

describe('a mark', () => {
  it('stands for a genuine message whose content makes no sense, and nobody rejoins for it', async () => {
    const story = await groupWithMallory(221, ['ana', 'ben']);
    story.mallory.sendMalformed();
    await everybodyCanTalk(story, 'after');
    expect(await marksOf(story)).toEqual(['ana: malformed 1', 'ben: malformed 1']);
    expect(story.mallory.log.entries.map(({ kind }) => kind)).not.toContain('external-commit');
  });

  it('stands for an own message that the store has forgotten', async () => {
    const story = await groupWithMallory(222, ['ana', 'ben']);
    const [ana] = story.honest;
    if (ana === undefined) throw new Error('nobody');
    const { length } = story.mallory.log.entries;
    await story.in(ana).send('soon forgotten');
    await story.world.clock.runUntil(() => story.mallory.log.entries.length > length);
    ana.crash();
    for (const table of ['own-envelopes', 'intents']) ana.disk.tables.get(table)?.clear();
    await ana.restart();
    await everybodyCanTalk(story, 'after');
    expect(await marksOf(story)).toEqual(['ana: own-lost 1']);
  });

  it('stands for an invitation that cannot be opened, and the device comes in by itself', async () => {
    const world = new ModelWorld({ seed: 223 });
    const [ana, ben] = [await world.person('ana'), await world.person('ben')];
    const { user } = ben;
    ben.crash();
    ben.disk.tables.get('key-packages')?.clear();
    const { id } = await ana.client.group({ users: [user] });
    await world.clock.run(5_000);
    await ben.restart();
    await world.clock.runUntil(() =>
      ben.client.conversations().some((info) => info.id === id && info.phase === 'active'),
    );
    await ana.client.conversation(id).send('welcome anyway');
    await world.clock.runUntil(async () => (await ben.texts(id)).includes('welcome anyway'));
    expect(await ben.marks(id)).toContain('cannot-join 1');
  });
});

describe('who was removed and added again', () => {
  it('is told of no missing messages: what was said meanwhile was not for them', async () => {
    const world = new ModelWorld({ seed: 224 });
    const [ana, ben] = [await world.person('ana'), await world.person('ben')];
    const group = await ana.client.group({ users: [ben.user] });
    const reach = async (text: string): Promise<void> => {
      await group.send(text);
      await world.clock.runUntil(async () =>
        (await ben.texts(group.id).catch((): readonly string[] => [])).includes(text),
      );
    };
    await reach('before');
    await group.remove([ben.user]);
    await world.clock.runUntil(async () => (await group.members()).length === 1);
    for (const text of ['one', 'two', 'three']) await group.send(text);
    await world.clock.run(10_000);
    await group.add([ben.user]);
    await world.clock.runUntil(async () => (await group.members()).length === 2);
    await reach('after');
    expect(await ben.texts(group.id)).toEqual(['before', 'after']);
    expect((await ben.marks(group.id)).filter((mark) => mark.startsWith('messages-missing'))).toEqual([]);
  });
});
