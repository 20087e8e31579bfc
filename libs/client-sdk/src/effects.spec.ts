/**
 * Replies, reactions, edits and deletions among people who come and go. Real: all of the client. Faked: the engine, the
 * services, time.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from './call-refused.js';
import { MaliciousMember } from './testing/malicious-member.js';
import type { ModelPerson, ModelWorld } from './testing/model-world.js';
import { meet, reads, restore } from './testing/restored-world.js';
import type { Conversation } from './conversation.js';
import type { Message } from './views.js';

type Step =
  | { readonly kind: 'send' | 'offline' | 'online' | 'crash' | 'wait'; readonly who: number }
  | {
      readonly kind: 'edit' | 'delete' | 'react' | 'unreact';
      readonly who: number;
      readonly which: number;
      readonly emoji: string;
    };

const who = fc.nat({ max: 2 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('send' as const), who }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'edit' as const,
        'delete' as const,
        'react' as const,
        'react' as const,
        'unreact' as const,
      ),
      who,
      which: fc.nat({ max: 20 }),
      emoji: fc.constantFrom('👍', '🎉'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('offline' as const, 'online' as const, 'crash' as const, 'wait' as const),
      who,
    }),
  },
);

/** What everybody must see in the end: what only authors may do goes by their own order, reactions by each person's. */
type Expected = {
  readonly author: number;
  text: string;
  isDeleted: boolean;
  isEdited: boolean;
  readonly reactions: Set<string>;
};

class Run {
  readonly expected = new Map<MessageId, Expected>();
  readonly deletedTexts = new Set<string>();
  private count = 0;

  constructor(
    readonly world: ModelWorld,
    readonly people: readonly ModelPerson[],
    readonly conversation: Conversation,
  ) {}

  async take(step: Step): Promise<void> {
    const person = this.people[step.who];
    if (person === undefined) throw new Error('no such person');
    const handle = person.client.conversation(this.conversation.id);
    switch (step.kind) {
      case 'send': {
        const text = this.freshText();
        const { id } = await handle.send(text);
        const fresh = { author: step.who, text, isDeleted: false, isEdited: false };
        this.expected.set(id, { ...fresh, reactions: new Set() });
        return;
      }
      case 'offline':
        return person.goOffline();
      case 'online':
        return person.goOnline();
      case 'crash':
        person.crash();
        return person.restart();
      case 'wait':
        return this.world.clock.run(2_000);
      default:
        return this.change(handle, step);
    }
  }

  private freshText(): string {
    this.count++;
    return `text-${this.count}-of-this-run`;
  }

  private async change(handle: Conversation, step: Extract<Step, { readonly which: number }>): Promise<void> {
    const entries = [...this.expected];
    const [id, expected] = entries[step.which % Math.max(1, entries.length)] ?? [];
    if (id === undefined || expected === undefined) return;
    const mark = `${step.who} ${step.emoji}`;
    const isAuthor = expected.author === step.who;
    try {
      switch (step.kind) {
        case 'edit': {
          const text = this.freshText();
          await handle.edit(id, text);
          if (expected.isDeleted || !isAuthor) throw new Error('took an edit that it should refuse');
          Object.assign(expected, { text, isEdited: true });
          return;
        }
        case 'delete':
          await handle.delete(id);
          if (!isAuthor && !expected.isDeleted) throw new Error('took a deletion that it should refuse');
          expected.isDeleted = true;
          return;
        case 'react':
          await handle.react(id, step.emoji);
          expected.reactions.add(mark);
          return;
        case 'unreact':
          await handle.unreact(id, step.emoji);
          expected.reactions.delete(mark);
          return;
      }
    } catch (error) {
      if (!(error instanceof CallRefusedError)) throw error;
      const isAllowed =
        error.reason === 'unknown-message' ||
        (error.reason === 'message-deleted' && expected.isDeleted) ||
        (error.reason === 'not-own-text' && !isAuthor);
      if (!isAllowed) throw error;
    }
  }

  wanted() {
    return [...this.expected].map(([id, { text, isDeleted, isEdited, reactions }]) => ({
      id,
      body: isDeleted ? { kind: 'deleted' } : { kind: 'text', text },
      isEdited: isEdited && !isDeleted,
      reactions: isDeleted ? [] : [...reactions].sort(),
    }));
  }

  seenBy(messages: readonly Message[]) {
    const names = this.people.map(({ user }) => user);
    const byId = new Map(messages.map((message) => [message.id, message]));
    return [...this.expected.keys()].map((id) => {
      const message = byId.get(id);
      return {
        id,
        body: message?.body,
        isEdited: message?.edited !== null,
        reactions: message?.reactions.map(({ user, emoji }) => `${names.indexOf(user)} ${emoji}`).sort(),
      };
    });
  }
}

/** Whether anything that this person's disk holds has the text in it. */
function holdsText({ disk }: ModelPerson, text: string): boolean {
  return [...disk.tables.values()].some((rows) =>
    [...rows.values()].some((bytes) => Buffer.from(bytes).includes(text)),
  );
}

async function group(seed: number) {
  const { world, people } = await meet(seed, 'ana', 'ben', 'cleo');
  const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
  const conversation = await ana.client.group({ users: [ben.user, cleo.user] });
  await conversation.send('start');
  await reads(world, [ana, ben, cleo], conversation.id, 'start');
  return { world, people, ana, ben, cleo, conversation };
}

async function viewOf(person: ModelPerson, conversation: Conversation, message: MessageId) {
  const messages = await person.client.conversation(conversation.id).messages({ limit: 500 });
  return messages.find(({ id }) => id === message);
}

describe('reactions, edits and deletions', () => {
  it('end the same for everybody, whoever was away, crashed or wrote without a network', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyStep, { minLength: 10, maxLength: 40 }), async (seed, steps) => {
        const { world, people, conversation } = await group(seed);
        const run = new Run(world, people, conversation);
        world.network.faults = {
          loseLive: 0.2,
          alterLive: 0,
          repeatLive: 0.2,
          delayLive: 0.2,
          loseAnswer: 0.2,
          loseResponse: 0.1,
          loseRequest: 0.1,
          refuseAppend: 0,
        };
        for (const step of steps) await run.take(step);
        for (const person of people) person.goOnline();
        await world.clock.run(300_000);
        for (const person of people) {
          const messages = await person.client.conversation(conversation.id).messages({ limit: 500 });
          expect(run.seenBy(messages)).toEqual(run.wanted());
          expect(messages.filter(({ delivery }) => delivery?.kind === 'queued')).toEqual([]);
          expect(await person.marks(conversation.id)).toEqual([]);
          expect(new Set(person.told.map(({ id }) => id)).size).toBe(person.told.length);
          expect(person.faults).toEqual([]);
          for (const { isDeleted, text } of run.expected.values())
            if (isDeleted) expect(holdsText(person, text)).toBe(false);
        }
        expect(world.universe.violations).toEqual([]);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it.each(['edit', 'deletion'] as const)(
    'by a member whose message it is not changes nothing: %s',
    async (kind) => {
      const { world, ana, cleo, ben, conversation } = await group(301);
      const { id } = await conversation.send('mine');
      await reads(world, [ben, cleo], conversation.id, 'mine');
      const refused = { reason: 'not-own-text' };
      await expect(ben.client.conversation(conversation.id).edit(id, 'his')).rejects.toMatchObject(refused);
      await expect(ben.client.conversation(conversation.id).delete(id)).rejects.toMatchObject(refused);
      await world.clock.run(30_000);
      const body = kind === 'edit' ? { kind, target: id, text: 'his' } : { kind, target: id };
      new MaliciousMember(world, ben, conversation.id).takeOver().sendBody({ counter: 1, body });
      await conversation.send('after');
      await reads(world, [cleo], conversation.id, 'after');
      for (const person of [ana, cleo]) {
        expect(await viewOf(person, conversation, id)).toMatchObject({
          body: { kind: 'text', text: 'mine' },
          edited: null,
        });
        expect(await person.marks(conversation.id)).toEqual([]);
      }
    },
  );

  it('do not count as unread, nor bring a conversation to the top', async () => {
    const { world, ana, ben, conversation } = await group(302);
    const { id } = await conversation.send('one');
    await reads(world, [ben], conversation.id, 'one');
    await ben.client.conversation(conversation.id).markRead();
    await world.clock.run(30_000);
    const before = ben.client.conversation(conversation.id).info;
    await conversation.edit(id, 'two');
    await conversation.react(id, '👍');
    await conversation.delete(id);
    await world.clock.run(30_000);
    expect((await viewOf(ben, conversation, id))?.body).toEqual({ kind: 'deleted' });
    const { unreadCount, lastActivityMs } = ben.client.conversation(conversation.id).info;
    expect([unreadCount, lastActivityMs]).toEqual([0, before.lastActivityMs]);
    expect(ana.client.conversation(conversation.id).info.unreadCount).toBe(0);
  });

  it('survive a restore of the server, before or after what they belong to', async () => {
    const { world, people, ana, ben, cleo, conversation } = await group(303);
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    cleo.goOffline();
    const { id: edited } = await conversation.send('first');
    const { id: deleted } = await conversation.send('to be deleted');
    await reads(world, [ben], conversation.id, 'to be deleted');
    await ben.client.conversation(conversation.id).react(edited, '👍');
    await conversation.edit(edited, 'second');
    await conversation.edit(edited, 'third');
    await conversation.edit(deleted, 'to be deleted, too');
    await conversation.delete(deleted);
    await world.clock.run(60_000);
    await restore(world, backup);
    cleo.goOnline();
    await reads(world, [ana, ben, cleo], conversation.id, 'third');
    await world.clock.run(300_000);
    for (const person of people) {
      const first = await viewOf(person, conversation, edited);
      expect(first?.body).toEqual({ kind: 'text', text: 'third' });
      expect(first?.reactions.map(({ user, emoji }) => [user, emoji])).toEqual([[ben.user, '👍']]);
      expect((await viewOf(person, conversation, deleted))?.body).toEqual({ kind: 'deleted' });
      // Who was away joins the anchored group anew; nothing is missing to anybody.
      const marks = await person.marks(conversation.id);
      expect(marks.filter((mark) => person !== cleo || !mark.startsWith('rejoined'))).toEqual([]);
      expect(holdsText(person, 'to be deleted')).toBe(false);
      expect(person.faults).toEqual([]);
    }
  });
});
