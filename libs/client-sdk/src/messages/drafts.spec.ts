/**
 * What a person has begun to write, held against the words of the invariants after every life of a conversation. Real: all
 * of the client. Faked: the engine, the services, time.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idFromRandom, type ConversationId, type MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import type { Draft } from '../state/draft-row.js';
import { stepPoints, type StepPoint } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { ModelWorld, type ModelPerson } from '../testing/model-world.js';
import { meet, reads } from '../testing/restored-world.js';

async function pair(seed: number) {
  const { world, people } = await meet(seed, 'ana', 'ben');
  const [ana, ben] = people as [ModelPerson, ModelPerson];
  const { id } = await ana.client.direct(ben.user);
  await ana.client.conversation(id).send('start');
  await reads(world, [ana, ben], id, 'start');
  return { world, ana, ben, id };
}

const newId = (world: ModelWorld): MessageId => idFromRandom<MessageId>(world.random);
const text = (message: MessageId, written: string, replyTo: MessageId | null = null): Draft => ({
  kind: 'message',
  message,
  text: written,
  replyTo,
});

async function stateOf(person: ModelPerson, id: ConversationId) {
  const handle = person.client.conversation(id);
  return { draft: await handle.draft(), listed: handle.info.draft, texts: await person.texts(id) };
}

describe('a draft', () => {
  it('survives a crash, is listed by its beginning, and told', async () => {
    const { world, ana, id } = await pair(1);
    const told: unknown[] = [];
    ana.on('draft', (event) => told.push(event));
    const draft = text(newId(world), '🙂'.repeat(5_000));
    await ana.client.conversation(id).setDraft(draft);
    expect(told).toEqual([{ conversation: id, draft }]);
    ana.crash();
    await ana.restart();
    expect(await stateOf(ana, id)).toEqual({ draft, listed: '🙂'.repeat(160), texts: ['start'] });
    await ana.client.conversation(id).setDraft(text(newId(world), ''));
    expect(await stateOf(ana, id)).toEqual({ draft: null, listed: null, texts: ['start'] });
    expect(ana.disk.tables.get(tables.drafts.name)?.size).toBe(0);
  });

  it('goes with the write that puts its message there, wherever the client dies', async () => {
    for (const point of stepPoints) {
      const { world, ana, id } = await pair(2);
      const message = newId(world);
      const draft = text(message, 'hello');
      await ana.client.conversation(id).setDraft(draft);
      await dieAt(ana, point, () => ana.client.conversation(id).send('hello', { message }));
      const { draft: left, texts } = await stateOf(ana, id);
      const isWritten = point !== 'begun' && point !== 'decided';
      expect([point, left, texts]).toEqual(
        isWritten ? [point, null, ['start', 'hello']] : [point, draft, ['start']],
      );
      // A tab that lives on and does not know.
      await ana.client.conversation(id).setDraft(draft);
      expect([point, await ana.client.conversation(id).draft()]).toEqual([point, isWritten ? null : draft]);
    }
  });

  it('stays when something else is sent', async () => {
    const { world, ana, id } = await pair(3);
    const draft = text(newId(world), 'thought over');
    await ana.client.conversation(id).setDraft(draft);
    await ana.client.conversation(id).send('quick', { message: newId(world) });
    await ana.client.conversation(id).send('by a program');
    expect(await stateOf(ana, id)).toMatchObject({ draft, listed: 'thought over' });
  });

  it('of an edit goes with the edit, and with its message', async () => {
    const { world, ana, id } = await pair(4);
    const chat = ana.client.conversation(id);
    const target = (await chat.messages()).at(-1)?.id as MessageId;
    const draft: Draft = { kind: 'edit', target, text: 'better' };
    await chat.setDraft(draft);
    expect(await stateOf(ana, id)).toMatchObject({ draft, listed: 'better' });
    await chat.edit(target, 'better');
    expect(await stateOf(ana, id)).toEqual({ draft: null, listed: null, texts: ['better'] });
    await chat.setDraft({ ...draft, text: 'secret' });
    await chat.delete(target);
    expect(await stateOf(ana, id)).toEqual({ draft: null, listed: null, texts: [] });
    await chat.setDraft({ ...draft, text: 'secret' });
    await world.clock.run(1_000);
    expect(await stateOf(ana, id)).toMatchObject({ draft: null, listed: null });
  });

  it('is bounded, and refused where nothing can be written', async () => {
    const { world, ana, ben, id } = await pair(5);
    const chat = ana.client.conversation(id);
    const draft = text(newId(world), 'a'.repeat(200_000));
    await chat.setDraft(draft);
    const refused = (wanted: Promise<void>) => wanted.catch((error: CallRefusedError) => error.reason);
    expect(await refused(chat.setDraft(text(newId(world), 'ä'.repeat(200_000))))).toBe('text-too-long');
    expect(await chat.draft()).toEqual(draft);
    const group = await ana.client.group({ users: [ben.user], name: 'us' });
    await reads(world, [ana], id, 'start');
    await group.setDraft(text(newId(world), 'bye'));
    await group.leave();
    expect(group.info.draft).toBeNull();
    expect(await refused(group.setDraft(null))).toBe('not-a-member');
  });

  it('follows when two people begin a 1:1 at once', async () => {
    const { world, people } = await meet(6, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    ana.goOffline();
    ben.goOffline();
    const [toBen, toAna] = [await ana.client.direct(ben.user), await ben.client.direct(ana.user)];
    const firstIds = [toBen.id, toAna.id];
    await toBen.send('from ana');
    await toAna.send('from ben');
    const drafts = [text(newId(world), 'ana goes on'), text(newId(world), 'ben goes on')];
    await toBen.setDraft(drafts[0] as Draft);
    await toAna.setDraft(drafts[1] as Draft);
    ana.goOnline();
    ben.goOnline();
    await reads(world, [ana], toBen.id, 'from ben');
    await reads(world, [ben], toAna.id, 'from ana');
    expect(toBen.id).toBe(toAna.id);
    expect([await toBen.draft(), await toAna.draft()]).toEqual(drafts);
    expect([toBen.info.draft, toAna.info.draft]).toEqual(['ana goes on', 'ben goes on']);
    for (const { disk } of people)
      expect([...(disk.tables.get(tables.drafts.name)?.keys() ?? [])]).toEqual([toBen.id]);
    expect(firstIds).toContain(toBen.id);
  });

  it('goes with a request that is declined', async () => {
    const world = new ModelWorld({ seed: 7 });
    const [ana, ben] = [await world.person('ana'), await world.person('ben', 'kept')];
    const { id } = await ana.client.direct(ben.user);
    await ana.client.conversation(id).send('hello');
    await reads(world, [ben], id, 'hello');
    await ben.client.conversation(id).setDraft(text(newId(world), 'who are you?'));
    await ben.client.decline({ conversation: id, block: 'no-block' });
    expect(ben.disk.tables.get(tables.drafts.name)?.size).toBe(0);
  });
});

/** Its client crashes at this point of the step that writes, and starts again. */
async function dieAt(person: ModelPerson, point: StepPoint, call: () => Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    person.probe = (at) => {
      if (at.step !== 'outbox/add-intent' || at.point !== point) return;
      person.crash();
      resolve();
    };
    void call();
  });
  person.probe = () => undefined;
  await person.restart();
}

type Act = {
  readonly kind: 'keep' | 'keep-edit' | 'keep-reply' | 'send' | 'edit' | 'delete' | 'crash' | 'away' | 'back';
  readonly which: number;
};
const anyAct: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('keep', 'keep-edit', 'keep-reply', 'send', 'edit', 'delete', 'crash', 'away', 'back'),
  which: fc.nat({ max: 3 }),
});

describe('drafts of a conversation', () => {
  it('hold to their invariants, whatever is written, changed and deleted around them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyAct, { minLength: 10, maxLength: 40 }), async (seed, acts) => {
        const { world, ana, id } = await pair(seed);
        // Few ids, so that they are used again: by a tab that is late.
        const ids = Array.from({ length: 4 }, () => newId(world));
        const act = async ({ kind, which }: Act, at: number): Promise<unknown> => {
          const chat = ana.client.conversation(id);
          const message = ids[which] as MessageId;
          switch (kind) {
            case 'keep':
              return chat.setDraft(text(message, `draft ${at}`));
            case 'keep-reply':
              return chat.setDraft(text(newId(world), '', message));
            case 'keep-edit':
              return chat.setDraft({ kind: 'edit', target: message, text: `edit ${at}` });
            case 'send':
              return chat.send(`text ${at}`, { message });
            case 'edit':
              return chat.edit(message, `edited ${at}`);
            case 'delete':
              return chat.delete(message);
            case 'crash':
              ana.crash();
              return ana.restart();
            case 'away':
              return ana.goOffline();
            case 'back':
              return ana.goOnline();
          }
        };
        for (const [at, step] of acts.entries()) {
          await act(step, at).catch((error: unknown) => {
            if (!(error instanceof CallRefusedError)) throw error;
          });
          const chat = ana.client.conversation(id);
          const draft = await chat.draft();
          const shown = new Map((await chat.messages({ limit: 500 })).map((found) => [found.id, found]));
          expect(chat.info.draft).toBe(draft?.text ?? null);
          if (draft?.kind === 'message') expect(shown.has(draft.message)).toBe(false);
          if (draft?.kind === 'edit') expect(shown.get(draft.target)?.body.kind).toBe('text');
        }
        expect(ana.faults).toEqual([]);
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});
