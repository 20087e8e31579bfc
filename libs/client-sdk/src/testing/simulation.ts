/** One random run from a seed: people who write, lose their network, crash and come back, and a group that changes. */
import type { ConversationId } from '@cipherchat/protocol';
import type { Conversation } from '../conversation.js';
import { randomFraction } from '../ports/random.js';
import { ModelWorld, type ModelPerson } from './model-world.js';
import { noFaults, type NetworkFaults } from './model-network.js';
import { seededRandom } from './virtual-clock.js';

const names = ['ana', 'ben', 'cleo'] as const;
const rounds = 40;
/** A crash comes within this many points of steps. */
const maxPointsToCrash = 30;

type Written = { readonly text: string; readonly conversation: () => ConversationId };

export class Simulation {
  readonly world: ModelWorld;
  readonly people: ModelPerson[] = [];
  readonly written: Written[] = [];
  /** By `step@point`: how often a client was crashed there. */
  readonly crashes = new Map<string, number>();
  private readonly random: (lengthBytes: number) => Uint8Array;
  private readonly down = new Set<ModelPerson>();
  private readonly onCrash = new Map<ModelPerson, () => void>();
  private texts = 0;
  private group: ConversationId | null = null;
  private direct: ConversationId | null = null;

  constructor(params: { readonly seed: number }) {
    this.world = new ModelWorld({ seed: params.seed });
    // Of its own, so that what a client draws does not change what happens to it.
    this.random = seededRandom(params.seed * 7919);
  }

  get conversations(): readonly ConversationId[] {
    return [this.group, this.direct].flatMap((id) => (id === null ? [] : [id]));
  }

  async run(): Promise<void> {
    for (const name of names) this.people.push(await this.world.person(name));
    await this.beginConversations();
    this.world.network.faults = this.drawFaults();
    for (let round = 0; round < rounds; round++) {
      await this.act();
      await this.world.clock.run(this.below(600));
    }
    await this.calmDown();
  }

  /** Those who were members all the time: ana and ben in both; cleo comes and goes in the group. */
  constantMembersOf(conversation: ConversationId): readonly ModelPerson[] {
    return this.people.filter(({ username }) => username !== 'cleo' && conversation !== null);
  }

  /** Texts whose sender wrote them later than the one before, and which stand the other way round. */
  outOfOrder(texts: readonly string[]): readonly string[] {
    return texts.filter((text, index) => {
      const [sender, number] = text.split(' ');
      return texts
        .slice(0, index)
        .some(
          (earlier) => earlier.startsWith(`${sender} `) && Number(earlier.split(' ')[1]) > Number(number),
        );
    });
  }

  /** Things that still wait to be sent. */
  async waiting(conversation: ConversationId): Promise<number> {
    const messages = await Promise.all(
      this.constantMembersOf(conversation).map((person) =>
        person.client.conversation(conversation).messages({ limit: 500 }),
      ),
    );
    return messages
      .flat()
      .filter(({ delivery }) => delivery?.kind === 'queued' || delivery?.kind === 'failed').length;
  }

  private async beginConversations(): Promise<void> {
    const [ana, ben] = [this.person(0), this.person(1)];
    const group = await ana.client.group({ users: [ben.user] });
    const direct = await ana.client.direct(ben.user);
    // Both write at once into a 1:1 that neither knows the other to have begun.
    const other = this.draw(0.5) ? await ben.client.direct(ana.user) : null;
    await this.write(ben, other);
    await this.write(ana, direct);
    await this.world.clock.runUntil(
      () =>
        [ana, ben].every((person) => isActive(person, group.id) && isActive(person, direct.id)) &&
        (other === null || other.id === direct.id),
    );
    this.group = group.id;
    this.direct = direct.id;
  }

  private async act(): Promise<void> {
    const person = this.person(this.below(names.length));
    if (this.down.has(person)) return this.draw(0.5) ? this.comeBack(person) : undefined;
    const kind = this.below(10);
    if (kind < 5) return this.writeSomewhere(person);
    if (kind === 5) return this.loseNetwork(person);
    if (kind === 6) return this.planCrash(person);
    if (kind === 7) return this.changeGroup(person);
    if (kind === 8) this.world.network.closeAll(1012);
    if (kind === 9) this.world.network.faults = this.drawFaults();
  }

  private async writeSomewhere(person: ModelPerson): Promise<void> {
    const id = this.draw(0.5) ? this.group : this.direct;
    if (person.username === 'cleo' || id === null || !isActive(person, id)) return;
    for (let count = this.below(3); count >= 0 && !this.down.has(person); count--)
      await this.write(person, person.client.conversation(id));
  }

  /** Counted as written only when the call resolved: until then nothing was promised. */
  private async write(person: ModelPerson, conversation: Conversation | null): Promise<void> {
    if (conversation === null) return;
    const text = `${person.username} ${++this.texts}`;
    const outcome = await Promise.race([
      conversation.send(text).then(() => 'written'),
      this.untilCrashOf(person),
    ]);
    if (outcome === 'written') this.written.push({ text, conversation: () => this.finalId(conversation.id) });
  }

  /** A 1:1 that lost the race of two creations is the winner's. */
  private finalId(id: ConversationId): ConversationId {
    return this.person(0).client.conversation(id).id;
  }

  /** What a dead client was asked never answers. */
  private untilCrashOf(person: ModelPerson): Promise<'crashed'> {
    return new Promise((resolve) => this.onCrash.set(person, () => resolve('crashed')));
  }

  private async loseNetwork(person: ModelPerson): Promise<void> {
    person.goOffline();
    const { client } = person;
    this.world.clock.setTimer(() => {
      if (!this.down.has(person) && person.client === client) person.goOnline();
    }, this.below(5_000));
  }

  private async planCrash(person: ModelPerson): Promise<void> {
    let points = 1 + this.below(maxPointsToCrash);
    person.probe = ({ step, point }) => {
      if (--points > 0) return;
      const at = `${step}@${point}`;
      this.crashes.set(at, (this.crashes.get(at) ?? 0) + 1);
      person.probe = () => undefined;
      this.down.add(person);
      person.crash();
      this.onCrash.get(person)?.();
    };
  }

  private async comeBack(person: ModelPerson): Promise<void> {
    this.down.delete(person);
    await person.restart();
  }

  private async changeGroup(person: ModelPerson): Promise<void> {
    if (this.group === null || person.username === 'cleo' || !isActive(person, this.group)) return;
    const group = person.client.conversation(this.group);
    // Read from the disk, not by a call: it must be alive also when cleo is down.
    const cleo = this.cleo;
    const isIn = (await group.members()).some(({ user }) => user === cleo);
    await Promise.race([isIn ? group.remove([cleo]) : group.add([cleo]), this.untilCrashOf(person)]);
  }

  private async calmDown(): Promise<void> {
    this.world.network.faults = noFaults;
    for (const person of this.people) {
      person.probe = () => undefined;
      if (this.down.has(person)) await this.comeBack(person);
      else person.goOnline();
    }
    // Backoff ceilings, head comparisons, jitter of healing: all of it is over by then.
    await this.world.clock.run(600_000);
  }

  private get cleo() {
    const cleo = [...this.world.network.server.directory.accounts].find(
      ([, { username }]) => username === 'cleo',
    );
    if (cleo === undefined) throw new Error('cleo is not registered');
    return cleo[0];
  }

  private drawFaults(): NetworkFaults {
    if (this.draw(0.3)) return noFaults;
    const upTo = (limit: number): number => randomFraction(this.random) * limit;
    return {
      loseLive: upTo(0.5),
      repeatLive: upTo(0.5),
      delayLive: upTo(0.5),
      alterLive: upTo(0.3),
      loseAnswer: upTo(0.4),
      loseResponse: upTo(0.3),
      loseRequest: upTo(0.3),
    };
  }

  private person(index: number): ModelPerson {
    const person = this.people[index];
    if (person === undefined) throw new Error('no such person');
    return person;
  }

  private draw(probability: number): boolean {
    return randomFraction(this.random) < probability;
  }

  private below(limit: number): number {
    return Math.floor(randomFraction(this.random) * limit);
  }
}

function isActive(person: ModelPerson, conversation: ConversationId): boolean {
  const id = person.client.conversation(conversation).id;
  return person.client.conversations().some((info) => info.id === id && info.phase === 'active');
}
