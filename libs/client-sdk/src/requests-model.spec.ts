/**
 * Random lives of three strangers against a model of who wants what, with a crash between any two steps of a decision.
 * Real: all of the client. Faked: the engine, the services, time.
 */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { CipherChat, Standing } from './index.js';
import { seededRandom } from './testing/virtual-clock.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

const seeds = 25;
const stepsPerSeed = 14;

/** What a person should think of a conversation, by who began what and what was decided. */
class Expected {
  private readonly contacts = new Set<string>();
  private readonly standings = new Map<string, Standing>();
  readonly began = new Map<ConversationId, string>();
  readonly members = new Map<ConversationId, Set<string>>();
  private readonly directs = new Set<ConversationId>();

  standing(name: string, id: ConversationId): Standing | undefined {
    return this.standings.get(`${name} ${id}`);
  }

  begun(by: string, id: ConversationId, others: readonly string[]): void {
    if (!this.began.has(id)) {
      this.began.set(id, by);
      if (others.length === 1) this.directs.add(id);
      this.members.set(id, new Set([by, ...others]));
      for (const other of others) this.set(other, id, this.knows(other, by) ? 'accepted' : 'request');
    }
  }

  accepted(name: string, id: ConversationId): void {
    this.set(name, id, 'accepted');
    const [other] = [...(this.members.get(id) ?? [])].filter((member) => member !== name);
    if (!this.directs.has(id) || other === undefined || this.knows(name, other)) return;
    this.contacts.add(`${name} ${other}`);
    for (const [begun, by] of this.began)
      if (by === other && this.standing(name, begun) === 'request') this.set(name, begun, 'accepted');
  }

  declined(name: string, id: ConversationId): void {
    this.set(name, id, 'declined');
    if (!this.directs.has(id)) this.members.get(id)?.delete(name);
  }

  wrote(name: string, id: ConversationId): void {
    this.accepted(name, id);
    if (this.directs.has(id))
      for (const other of this.members.get(id) ?? [])
        if (this.standing(other, id) === 'declined') this.set(other, id, 'request');
  }

  private set(name: string, id: ConversationId, standing: Standing): void {
    this.standings.set(`${name} ${id}`, standing);
  }

  private knows(name: string, other: string): boolean {
    return this.contacts.has(`${name} ${other}`);
  }
}

class Lives {
  readonly expected = new Expected();
  private readonly random: (lengthBytes: number) => Uint8Array;
  private readonly groups = new Set<ConversationId>();

  constructor(
    readonly world: ModelWorld,
    readonly people: readonly ModelPerson[],
    seed: number,
  ) {
    this.random = seededRandom(seed * 7);
  }

  below(count: number): number {
    return (this.random(1)[0] ?? 0) % count;
  }

  async step(): Promise<void> {
    const person = this.people[this.below(3)]!;
    const known = [...this.expected.began.keys()].filter(
      (id) => this.expected.members.get(id)?.has(person.username) === true,
    );
    const id = known[this.below(Math.max(1, known.length))];
    const kind = this.below(6);
    if (kind === 0 || id === undefined) return this.beginDirect(person);
    if (kind === 1 && this.groups.size < 3) return this.beginGroup(person);
    const standing = this.expected.standing(person.username, id);
    if (kind < 4 && standing === 'request') return this.decide(person, id, kind === 2 ? 'accept' : 'decline');
    if (standing !== 'accepted' && kind === 5) return;
    await this.write(person, id);
  }

  private async beginDirect(person: ModelPerson): Promise<void> {
    const other = this.people.filter((each) => each !== person)[this.below(2)]!;
    const { id } = await person.client.direct(other.user);
    this.expected.begun(person.username, id, [other.username]);
    await this.write(person, id);
  }

  private async beginGroup(person: ModelPerson): Promise<void> {
    const others = this.people.filter((each) => each !== person);
    const { id } = await person.client.group({ users: others.map(({ user }) => user) });
    this.groups.add(id);
    this.expected.begun(
      person.username,
      id,
      others.map(({ username }) => username),
    );
    await this.write(person, id);
  }

  private async write(person: ModelPerson, id: ConversationId): Promise<void> {
    await person.client.conversation(id).send('a text');
    this.expected.wrote(person.username, id);
    await this.world.clock.run(12_000);
  }

  /** The decision is asked for again by whoever opens the store next, as a tab does that heard no answer. */
  private async decide(person: ModelPerson, id: ConversationId, wish: 'accept' | 'decline'): Promise<void> {
    const ask = (client: CipherChat): Promise<void> =>
      wish === 'accept' ? client.accept(id) : client.decline({ conversation: id, block: 'no-block' });
    let pointsLeft = this.below(12);
    person.probe = ({ step }) => {
      if (step.startsWith('people/') && pointsLeft-- === 0) person.crash();
    };
    void ask(person.client).catch(() => undefined);
    await this.world.clock.run(1_000);
    person.probe = () => undefined;
    if (pointsLeft < 0) {
      await person.restart();
      await this.world.waitFor(ask(person.client));
    }
    if (wish === 'accept') this.expected.accepted(person.username, id);
    else this.expected.declined(person.username, id);
    await this.world.clock.run(15_000);
  }

  /** What each of them sees is what the model says; and nobody hears from who has not accepted. */
  async check(): Promise<readonly string[]> {
    const faults: string[] = [];
    const heard = new Map<ConversationId, Set<UserId>>();
    for (const person of this.people) {
      const end = person.client.on('typing', ({ conversation, user }) => {
        heard.set(conversation, (heard.get(conversation) ?? new Set()).add(user));
      });
      this.world.clock.setTimer(end, 2_000);
    }
    for (const [id] of this.expected.began)
      for (const person of this.people) {
        const expected = this.expected.standing(person.username, id) ?? 'not listed';
        const seen = person.client.conversations().find((info) => info.id === id)?.standing ?? 'not listed';
        if (seen !== (expected === 'declined' ? 'not listed' : expected))
          faults.push(`${person.username} has ${id} as ${seen}, not ${expected}`);
        if (expected === 'declined' && (await person.texts(id)).length > 0)
          faults.push(`${person.username} has forgotten nothing of ${id}`);
        if (this.expected.members.get(id)?.has(person.username) === true)
          person.client.conversation(id).setTyping(true);
      }
    await this.world.clock.run(3_000);
    for (const [id, users] of heard)
      for (const { user, username } of this.people)
        if (users.has(user) && this.expected.standing(username, id) !== 'accepted')
          faults.push(`${username} was heard typing in ${id}`);
    return [...faults, ...this.people.flatMap((person) => person.faults.map(String))];
  }
}

describe('requests', () => {
  it(`are what their model says, in ${seeds} random lives with crashes`, async () => {
    const seen = new Set<Standing | undefined>();
    for (let seed = 1; seed <= seeds; seed++) {
      const world = new ModelWorld({ seed });
      const people = [
        await world.person('ana', 'kept'),
        await world.person('ben', 'kept'),
        await world.person('cleo', 'kept'),
      ];
      const lives = new Lives(world, people, seed);
      for (let step = 0; step < stepsPerSeed; step++) await lives.step();
      expect([seed, await lives.check()]).toEqual([seed, []]);
      for (const [id] of lives.expected.began)
        for (const { username } of people) seen.add(lives.expected.standing(username, id));
    }
    expect([...seen]).toEqual(expect.arrayContaining(['request', 'accepted', 'declined']));
  }, 120_000);
});
