/**
 * One random run from a seed: honest members who write, lose their network and crash, and a member that makes void
 * commits with false device lists, commits that fail for some, messages that nobody can read, and false statements.
 */
import { encode, epochStatement, type MemberDevice } from '@cipherchat/protocol';
import { randomFraction } from '../ports/random.js';
import { noFaults } from './model-network.js';
import type { ModelPerson } from './model-world.js';
import { groupWithMallory, type RepairStory } from './repair-story.js';
import { seededRandom } from './virtual-clock.js';

const rounds = 30;
/** A crash comes within this many points of steps. */
const maxPointsToCrash = 40;

export class RepairSimulation {
  /** Texts by their sender, for which `send` has resolved. */
  readonly written: string[] = [];
  /** By `step@point`: how often a client was crashed there. */
  readonly crashes = new Map<string, number>();
  private readonly random: (lengthBytes: number) => Uint8Array;
  private readonly down = new Set<ModelPerson>();
  private readonly onCrash = new Map<ModelPerson, () => void>();

  private constructor(
    readonly story: RepairStory,
    seed: number,
  ) {
    this.random = seededRandom(seed * 104_729);
  }

  static async run(seed: number): Promise<RepairSimulation> {
    const simulation = new RepairSimulation(await groupWithMallory(seed, ['ana', 'ben', 'cleo']), seed);
    for (let round = 0; round < rounds; round++) {
      await simulation.act();
      await simulation.story.world.clock.run(simulation.below(3_000));
    }
    await simulation.calmDown();
    return simulation;
  }

  private async act(): Promise<void> {
    const { honest } = this.story;
    const person = honest[this.below(honest.length)];
    if (person === undefined) return;
    switch (this.below(9)) {
      case 0:
      case 1:
      case 2:
        return this.down.has(person) ? this.comeBack(person) : this.write(person);
      case 3:
        return this.down.has(person) ? this.comeBack(person) : this.planCrash(person);
      case 4:
        return this.loseNetwork(person);
      default:
        return this.misbehave();
    }
  }

  /** What the store refuses, it refuses: it may have been left out by its own list. */
  private misbehave(): void {
    const { mallory, honest } = this.story;
    try {
      const some = honest.filter(() => this.draw(0.5)).map(this.story.deviceOf);
      switch (this.below(4)) {
        case 0: {
          const epochSeq = this.draw(0.5) ? {} : { epochSeq: 1 + this.below(mallory.log.lastCommitSeq) };
          mallory.commitNonsense([...some, mallory.self], epochSeq);
          return;
        }
        case 1:
          mallory.commitBrokenFor(
            some.map(({ device }: MemberDevice) => device),
            this.draw(0.5) ? 'right' : 'garbage',
          );
          return;
        case 2:
          return mallory.sendNonsense(1 + this.below(4));
        default:
          return this.lie();
      }
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('conversation')) throw error;
    }
  }

  private lie(): void {
    const { mallory } = this.story;
    const seq = mallory.log.lastCommitSeq;
    const digest = this.random(16);
    mallory.lieToHaveMerged(seq, () =>
      encode(epochStatement, { commitSeq: seq, doubtSeq: 0, merges: [{ seq, digest }] }),
    );
  }

  /** Counted as written only when the call resolved. */
  private async write(person: ModelPerson): Promise<void> {
    const text = `${person.username} ${this.written.length} ${this.below(1_000_000)}`;
    const outcome = await Promise.race([
      this.story
        .in(person)
        .send(text)
        .then(() => 'written'),
      new Promise<string>((resolve) => this.onCrash.set(person, () => resolve('crashed'))),
    ]);
    if (outcome === 'written') this.written.push(text);
  }

  private planCrash(person: ModelPerson): void {
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

  private loseNetwork(person: ModelPerson): void {
    if (this.down.has(person)) return;
    person.goOffline();
    const { client } = person;
    this.story.world.clock.setTimer(() => {
      if (!this.down.has(person) && person.client === client) person.goOnline();
    }, this.below(20_000));
  }

  private async comeBack(person: ModelPerson): Promise<void> {
    this.down.delete(person);
    await person.restart();
  }

  private async calmDown(): Promise<void> {
    this.story.world.network.faults = noFaults;
    for (const person of this.story.honest) {
      person.probe = () => undefined;
      if (this.down.has(person)) await this.comeBack(person);
      else person.goOnline();
    }
    // Doubts, jitter, retries of a rejoin and requests to be added anew: all of it is over by then.
    await this.story.world.clock.run(1_800_000);
  }

  private draw(probability: number): boolean {
    return randomFraction(this.random) < probability;
  }

  private below(limit: number): number {
    return Math.floor(randomFraction(this.random) * limit);
  }
}
