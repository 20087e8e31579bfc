/**
 * Random lives of two people whose messages disappear, against what must hold: once its time is over and the client has
 * swept, no part of a message is left in any table; and what was not to disappear is there. Messages are lost, repeated and
 * late, the server comes back from a backup, clocks jump, and clients die between any two points of any step.
 * Real: all of the client. Faked: the engine, the services, time.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { HaltedError, stepPoints, type StepName } from '../state/steps.js';
import { keyOf, tables, type Table } from '../state/tables.js';
import { textOnDisk } from '../testing/disk-search.js';
import { noFaults } from '../testing/model-network.js';
import type { ModelPerson, ModelWorld } from '../testing/model-world.js';
import { meet, reads, restore } from '../testing/restored-world.js';

const durations = [null, 5, 30, 600] as const;
const longestMs = 600_000;

type Step = {
  readonly kind:
    | 'send'
    | 'reply'
    | 'edit'
    | 'react'
    | 'delete'
    | 'timer'
    | 'read'
    | 'offline'
    | 'online'
    | 'crash-in'
    | 'clock'
    | 'wait';
  readonly who: number;
  readonly which: number;
};

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step['kind'][]>(
    ...(['send', 'send', 'send', 'reply', 'edit', 'react', 'delete', 'timer', 'timer'] as const),
    ...(['read', 'read', 'offline', 'online', 'crash-in', 'crash-in', 'clock', 'wait', 'wait'] as const),
  ),
  who: fc.nat({ max: 1 }),
  which: fc.nat({ max: 200 }),
});

/** Where a crash says something about what is counted and what goes. */
const crashed: readonly StepName[] = [
  'expiry/sweep',
  'expiry/begin',
  'conversation/mark-read',
  'inbox/apply-entries',
  'outbox/answered',
  'outbox/add-intent',
];

/** What was written, and what of it must be gone in the end. */
class Written {
  /** By the message's id: every text that it had, or would have, had its author's client not died. */
  readonly texts = new Map<MessageId, string[]>();
  readonly staying = new Set<MessageId>();
  readonly timed = new Set<MessageId>();
  private count = 0;

  next(person: ModelPerson): string {
    return `word${this.count++}-${person.username}.`;
  }

  sent(message: { readonly id: MessageId; readonly disappearAfterS: number | null }, text: string): void {
    this.texts.set(message.id, [text]);
    if (message.disappearAfterS === null) this.staying.add(message.id);
    else this.timed.add(message.id);
  }

  edited(message: MessageId, text: string): void {
    this.texts.get(message)?.push(text);
  }

  deleted(message: MessageId): void {
    this.staying.delete(message);
  }
}

class Lives {
  readonly written = new Written();
  readonly crashes = new Set<string>();

  constructor(
    readonly world: ModelWorld,
    readonly people: readonly ModelPerson[],
    readonly id: ConversationId,
  ) {}

  async take(step: Step): Promise<void> {
    for (const person of this.people) await this.revive(person);
    const person = this.people[step.who]!;
    const at = person.client.conversation(this.id);
    const messages = (await at.messages({ limit: 500 })).filter(({ body }) => body.kind === 'text');
    const picked = messages[step.which % Math.max(1, messages.length)];
    switch (step.kind) {
      case 'send':
      case 'reply': {
        const text = this.written.next(person);
        const params = step.kind === 'reply' && picked !== undefined ? { replyTo: picked.id } : {};
        return this.written.sent(await at.send(text, params), text);
      }
      case 'edit': {
        if (picked?.own !== true || !this.written.texts.has(picked.id)) return;
        const text = this.written.next(person);
        this.written.edited(picked.id, text);
        return at.edit(picked.id, text);
      }
      case 'react':
        return picked === undefined ? undefined : at.react(picked.id, step.which % 2 === 0 ? '🦩' : '🐙');
      case 'delete':
        if (picked?.own !== true) return;
        this.written.deleted(picked.id);
        return at.delete(picked.id);
      case 'timer':
        return at.setTimer(durations[step.which % durations.length] ?? null);
      case 'read':
        return at.markRead(picked === undefined || step.which % 2 === 0 ? {} : { upTo: picked.id });
      case 'offline':
        return person.goOffline();
      case 'online':
        return person.goOnline();
      case 'crash-in':
        return this.crashIn(person, step.which);
      case 'clock':
        person.clockOffsetMs += (step.which - 100) * 3_600_000;
        return;
      case 'wait':
        return this.world.clock.run(step.which * 200);
    }
  }

  /** At one of the points of one of the steps, when it comes to that. */
  private crashIn(person: ModelPerson, which: number): void {
    const step = crashed[which % crashed.length];
    const point = stepPoints[Math.floor(which / crashed.length) % stepPoints.length];
    person.probe = (at) => {
      if (at.step !== step || at.point !== point) return;
      this.crashes.add(`${at.step} ${at.point}`);
      person.probe = () => undefined;
      person.crash();
    };
  }

  async revive(person: ModelPerson): Promise<void> {
    while (!person.isRunning) await person.restart();
  }

  async calm(): Promise<void> {
    this.world.network.faults = noFaults;
    for (const person of this.people) {
      person.probe = () => undefined;
      await this.revive(person);
      person.goOnline();
    }
    await this.world.clock.run(300_000);
  }

  /** Of both: everything has been sent, read, and is over. */
  async end(): Promise<void> {
    await this.calm();
    for (const { client } of this.people) await client.conversation(this.id).markRead();
    // A restore may bring back what was read: it is offered again, and read again.
    await this.world.clock.run(longestMs + 60_000);
    for (const { client } of this.people) await client.conversation(this.id).markRead();
    await this.world.clock.run(longestMs + 60_000);
  }

  /** What is here of a message: `gone` when it was. */
  private kindOf({ disk }: ModelPerson, message: MessageId): string {
    const row = <Row>(table: Table<Row>, key: string): Row | null => {
      const bytes = disk.tables.get(table.name)?.get(key);
      return bytes === undefined ? null : table.decode(bytes);
    };
    const place = row(tables.messagePlaces, keyOf.messagePlace(this.id, message));
    if (place === null) return 'unknown';
    const kind = row(tables.messages, keyOf.message(this.id, place))?.body.kind ?? 'disappeared';
    return kind === 'disappeared' ? 'gone' : kind;
  }

  /** Of messages that are gone, in whatever table; bytes that are sent until they are answered are encrypted. */
  left(person: ModelPerson): readonly string[] {
    return [...this.written.timed]
      .filter((message) => this.kindOf(person, message) === 'gone')
      .flatMap((message) => this.written.texts.get(message) ?? [])
      .flatMap((text) => textOnDisk(person.disk, text).map((row) => `${person.username}: ${text} in ${row}`))
      .filter((fault) => !fault.includes(` in ${tables.intentBytes.name} `));
  }

  async faults(person: ModelPerson): Promise<readonly string[]> {
    const { disk, username, client } = person;
    const { texts, staying, timed } = this.written;
    const left = [...timed].flatMap((message) =>
      (texts.get(message) ?? []).flatMap((text) =>
        textOnDisk(disk, text).map((row) => `${text} is left in ${row}`),
      ),
    );
    const rows = [...timed].flatMap((message) => {
      const kind = this.kindOf(person, message);
      return kind === 'gone' || kind === 'unknown' ? [] : [`${message} is a ${kind} still`];
    });
    const shown = await person.texts(this.id);
    const missing = [...staying].flatMap((message) => {
      const all = texts.get(message) ?? [];
      return all.some((text) => shown.includes(text)) ? [] : all.slice(0, 1);
    });
    const counting = [tables.expiries.name, tables.expiriesToBegin.name].flatMap((table) =>
      [...(disk.tables.get(table)?.keys() ?? [])].map((key) => `${table} ${key}`),
    );
    const { unreadCount } = client.conversation(this.id).info;
    return [
      ...left,
      ...rows,
      ...missing.map((text) => `${text} has vanished`),
      ...counting,
      ...(unreadCount === 0 ? [] : [`${unreadCount} unread`]),
      ...(await person.marks(this.id)),
      ...person.faults.map((fault) => JSON.stringify(fault)),
    ].map((fault) => `${username}: ${fault}`);
  }
}

/** What the dead were asked is asked of nobody. */
function orDeath(person: ModelPerson, call: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    person.whenDead(() => resolve());
    call().then(
      () => resolve(),
      (error: unknown) =>
        error instanceof CallRefusedError || error instanceof HaltedError ? resolve() : reject(error),
    );
  });
}

describe('messages that disappear', () => {
  it('leave nothing behind, and no other message goes, in random lives', async () => {
    const crashes = new Set<string>();
    let gone = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyStep, { minLength: 20, maxLength: 60 }), async (seed, steps) => {
        const { world, people } = await meet(seed, 'ana', 'ben');
        const { id } = await people[0]!.client.direct(people[1]!.user);
        await people[0]!.client.conversation(id).send('hello');
        await reads(world, people, id, 'hello');
        const lives = new Lives(world, people, id);
        const backup = world.network.server.backup();
        if (seed % 3 !== 0)
          world.network.faults = {
            ...noFaults,
            loseLive: 0.2,
            repeatLive: 0.2,
            delayLive: 0.2,
            loseAnswer: 0.2,
          };
        for (const [index, step] of steps.entries()) {
          await orDeath(people[step.who]!, () => lives.take(step));
          for (const person of people) expect(lives.left(person)).toEqual([]);
          if (index === Math.floor(steps.length / 2) && seed % 2 === 0) {
            await lives.calm();
            await restore(world, backup);
          }
        }
        await lives.end();
        for (const person of people) expect(await lives.faults(person)).toEqual([]);
        for (const each of lives.crashes) crashes.add(each);
        gone += lives.written.timed.size;
      }),
      { numRuns: 40 },
    );
    // Else this has shown little.
    expect(gone).toBeGreaterThan(40);
    expect([...new Set([...crashes].map((crash) => crash.split(' ')[0]))].sort()).toEqual(
      expect.arrayContaining(['conversation/mark-read', 'expiry/sweep', 'inbox/apply-entries']),
    );
  }, 560_000);
});
