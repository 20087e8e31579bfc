/**
 * Random lives of three strangers against a model of who wants what, with a crash between any two steps of a decision, of
 * making, resetting and opening an invite, and of letting somebody in by one.
 * Real: all of the client. Faked: the engine, the services, time.
 */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { CipherChat, Standing } from './index.js';
import { ExpectedRequests } from './testing/expected-requests.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';
import { seededRandom } from './testing/virtual-clock.js';

const seeds = 30;
const stepsPerSeed = 18;
const usesOfToken = 50;

class Lives {
  readonly expected = new ExpectedRequests();
  /** What came of the invites that were opened. */
  readonly outcomes = new Set<string>();
  private readonly random: (lengthBytes: number) => Uint8Array;
  private readonly groups = new Set<ConversationId>();
  private readonly links = new Map<ModelPerson, string[]>();

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
    const kind = this.below(10);
    if (kind >= 7) return this.openInvite(person, kind === 7 ? 'blocked' : 'not blocked');
    if (kind === 6) return this.resetLinks(person);
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

  /** One that was handed out, now or before, perhaps used already, or reset since. */
  private async openInvite(guest: ModelPerson, from: 'blocked' | 'not blocked'): Promise<void> {
    const { expected, world } = this;
    const host = this.people.filter((each) => each !== guest)[this.below(2)]!;
    // Whom somebody has blocked can begin nothing with them; only what there is already tells of it.
    const isBlocked = from === 'blocked' && expected.directOf(guest.username, host.username) !== null;
    const links = this.links.get(host) ?? [];
    this.links.set(host, links);
    if (links.length === 0 || this.below(2) === 0) {
      const { link } = await this.asked(host, (client) => client.contacts.inviteLinkWithToken());
      expected.handedOut(host.username, link);
      links.push(link);
    }
    const link = links[this.below(links.length)]!;
    if (isBlocked) await this.block(host, guest, 'block');
    this.crashWhileReceiving(host);
    await this.asked(guest, (client) => client.contacts.openInvite(link));
    const outcome = expected.opened(guest.username, host.username, link);
    this.outcomes.add(isBlocked ? `blocked ${outcome}` : outcome);
    await world.clock.run(15_000);
    host.probe = () => undefined;
    if (!host.isRunning) await host.restart();
    await world.clock.run(15_000);
    if (isBlocked) await this.block(host, guest, 'unblock');
  }

  private async block(host: ModelPerson, guest: ModelPerson, wish: 'block' | 'unblock'): Promise<void> {
    await host.client.contacts[wish](guest.user);
    this.expected.blocked(host.username, guest.username, wish);
    await this.world.clock.run(1_000);
  }

  private async resetLinks(host: ModelPerson): Promise<void> {
    await this.asked(host, (client) => client.contacts.resetInviteTokens());
    this.expected.reset(host.username);
  }

  private crashWhileReceiving(host: ModelPerson): void {
    let pointsLeft = this.below(20);
    host.probe = ({ step }) => {
      if (step === 'inbox/apply-entries' && pointsLeft-- === 0) host.crash();
    };
  }

  /** Asked for again by whoever opens the store next, as a tab does that heard no answer. */
  private async asked<Answer>(
    person: ModelPerson,
    ask: (client: CipherChat) => Promise<Answer>,
  ): Promise<Answer> {
    let pointsLeft = this.below(12);
    person.probe = ({ step }) => {
      if (step.startsWith('people/') && pointsLeft-- === 0) person.crash();
    };
    const first = ask(person.client);
    first.catch(() => undefined);
    await this.world.clock.run(1_000);
    person.probe = () => undefined;
    if (pointsLeft >= 0) return first;
    await person.restart();
    return this.world.waitFor(ask(person.client));
  }

  private async decide(person: ModelPerson, id: ConversationId, wish: 'accept' | 'decline'): Promise<void> {
    await this.asked(person, (client) =>
      wish === 'accept' ? client.accept(id) : client.decline({ conversation: id, block: 'no-block' }),
    );
    if (wish === 'accept') this.expected.accepted(person.username, id);
    else this.expected.declined(person.username, id);
    await this.world.clock.run(15_000);
  }

  /** What each of them sees is what the model says; and nobody hears from who has not accepted. */
  async check(): Promise<readonly string[]> {
    const { expected } = this;
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
        const wanted = expected.standing(person.username, id) ?? 'not listed';
        const seen = person.client.conversations().find((info) => info.id === id)?.standing ?? 'not listed';
        if (seen !== (wanted === 'declined' ? 'not listed' : wanted))
          faults.push(`${person.username} has ${id} as ${seen}, not ${wanted}`);
        if (wanted === 'declined' && (await person.texts(id)).length > 0)
          faults.push(`${person.username} has forgotten nothing of ${id}`);
        if (this.expected.members.get(id)?.has(person.username) === true)
          person.client.conversation(id).setTyping(true);
      }
    await this.world.clock.run(3_000);
    for (const person of this.people) {
      const others = this.people.filter((each) => each !== person);
      const contacts = await person.client.contacts.list();
      for (const other of others)
        if (contacts.includes(other.user) !== expected.contacts.has(`${person.username} ${other.username}`))
          faults.push(`${person.username} has ${other.username} wrongly, or not, for a contact`);
      const { usesLeft } = await person.client.contacts.inviteLinkWithToken();
      const letIn = expected.letIn.get(person.username) ?? 0;
      if (usesOfToken - usesLeft !== letIn)
        faults.push(`${person.username} has let in ${usesOfToken - usesLeft}, not ${letIn}`);
    }
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
    const outcomes = new Set<string>();
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
      for (const outcome of lives.outcomes) outcomes.add(outcome);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['request', 'accepted', 'declined']));
    expect([...outcomes].sort()).toEqual(['asked', 'blocked asked', 'let in']);
  }, 120_000);
});
