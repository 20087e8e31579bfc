/** What people and the world do in a run, drawn one after another. */
import type { CipherChat } from '@cipherchat/client-sdk';
import type { ConversationId } from '@cipherchat/protocol';
import {
  drawBusFaults,
  drawDatabaseFaults,
  drawDiskFaults,
  drawNetworkFaults,
  type Happening,
} from './mix.js';
import { Operator } from './operator.js';
import { changeOwnView } from './own-view.js';
import { PeopleActions } from './people-actions.js';
import type { Person } from './person.js';
import type { Run } from './run.js';

export type Action = () => void | Promise<void>;
/** Whose client runs, and that client. */
export type Someone = { readonly person: Person; readonly client: CipherChat };

const dayMs = 24 * 60 * 60 * 1000;
const maxOfflineMs = 5_000;
/** A change of the group is stored by then. */
const minMissedMs = 500;
const maxBusCutMs = 3_000;
/** Shorter than a client tries before it gives up. */
const maxScarcityMs = 3_000;
const oftenTimes = 4;

export class Actions {
  private readonly possible: readonly Action[];
  private readonly operator: Operator;

  constructor(private readonly run: Run) {
    const { mix } = run;
    this.operator = new Operator(run);
    const people = new PeopleActions(run, this);
    const always = (isOn: boolean, ...actions: readonly Action[]): readonly Action[] => (isOn ? actions : []);
    const when = (happening: Happening, ...actions: readonly Action[]): readonly Action[] => {
      if (!mix[happening]) return [];
      return mix.often.includes(happening)
        ? Array<readonly Action[]>(oftenTimes).fill(actions).flat()
        : actions;
    };
    const write: Action = () => this.write();
    const backUpOrRestore: Action = () => this.operator.backUpOrRestore();
    this.possible = [
      ...[write, write, write, write],
      ...when('network', this.loseNetwork, this.fallSilent, this.drawNetwork, this.drawNetwork),
      ...when('bus', this.drawBus, this.drawBus, this.cutBus, this.drain),
      ...when('punctual', this.cutGatewayFromBus, this.cutGatewayFromBus),
      ...when('database', this.drawDatabase, this.drawDatabase),
      ...always(mix.slowDisks || mix.failingDisks, this.drawDisk),
      ...when('membership', this.changeGroup, this.changeGroup, this.leave, this.missChangeWhileWriting),
      ...when('membership', people.answerFailed, people.declineRequest),
      ...when('creation', this.createDirect, this.createDirect),
      ...when('newcomer', this.welcomeNewcomer, this.welcomeNewcomer),
      ...when('lies', this.createWhileLiedTo),
      ...when('doubt', () => run.mallory.raiseUnansweredDoubt()),
      ...when('malice', () => run.mallory.attack()),
      ...when('superseded', this.openAgain),
      ...when('clocks', this.moveClock, this.endSessions),
      ...when('signals', this.read, this.read, this.readSome, this.setReadMarks, people.lookUpNames),
      ...when('signals', people.accept, people.setProfile, people.verify, people.setFailureReports),
      ...when('timers', people.setTimer, people.readTimed, people.readTimed),
      ...when('presence', people.sharePresence, people.sharePresence, people.setPresence),
      // A directory that lies may have been the first to name a key: then a genuine invite is refused.
      ...always(mix.signals && !mix.lies, people.meet),
      ...when('restore', backUpOrRestore, backUpOrRestore),
      ...when('reset', () => this.operator.resetConversation()),
      ...when('scarcity', this.useUpKeyPackages),
    ];
  }

  async next(): Promise<void> {
    await this.run.chance.pick(this.possible)();
  }

  someone(): Someone | null {
    const person = this.run.chance.pick(this.run.people);
    if (person.isUp && person.client?.connection.kind === 'stopped') void person.start();
    return this.clientOf(person);
  }

  /** The server knows them: a profile is on the disk before it is told of it, and a session after. */
  get registered(): readonly Person[] {
    return this.run.people.filter(({ disk }) => (disk.tables.get('session')?.size ?? 0) > 0);
  }

  clientOf(person: Person): Someone | null {
    const { client } = person;
    return client === null || client.connection.kind === 'stopped' ? null : { person, client };
  }

  private write(): void {
    const { run } = this;
    const someone = this.someone();
    if (someone === null) return;
    const { person, client } = someone;
    const active = client.conversations().filter(({ phase }) => phase === 'active' || phase === 'creating');
    if (active.length === 0) return;
    const { id } = run.chance.pick(active);
    for (let count = run.chance.below(3); count >= 0; count--) run.write(person, client, id);
  }

  private readonly loseNetwork: Action = () => {
    const person = this.run.chance.pick(this.run.people);
    person.goOffline();
    this.run.clock.setTimer(() => person.goOnline(), this.run.chance.below(maxOfflineMs));
  };

  private readonly fallSilent: Action = () => this.run.chance.pick(this.run.people).fallSilent();

  private readonly drawNetwork: Action = () => {
    this.run.network.faults = drawNetworkFaults(this.run.chance);
  };

  private readonly drawBus: Action = () => {
    this.run.system.bus.faults = drawBusFaults(this.run.chance);
  };

  private readonly drawDatabase: Action = () => {
    this.run.system.databaseFaults = drawDatabaseFaults(this.run.chance);
  };

  private readonly drawDisk: Action = () => {
    const { chance, people, mix } = this.run;
    chance.pick(people).diskFaults = drawDiskFaults(chance, mix);
  };

  private readonly cutBus: Action = () => {
    const { chance, clock, system } = this.run;
    const running = [...system.gateways.values(), ...system.stores.values()];
    if (running.length === 0) return;
    const { bus } = chance.pick(running);
    bus.cut();
    clock.setTimer(() => bus.restore(), chance.below(maxBusCutMs));
  };

  private readonly cutGatewayFromBus: Action = () => {
    const { chance, clock, system } = this.run;
    const { bus } = chance.pick([...system.gateways.values()]);
    bus.cut();
    clock.setTimer(() => bus.restore(), chance.below(maxBusCutMs));
  };

  private readonly drain: Action = () => {
    const { chance, system } = this.run;
    const gateways = [...system.gateways.values()];
    if (gateways.length > 0) chance.pick(gateways).service.drain(1_000);
  };

  private readonly changeGroup: Action = () => {
    const someone = this.someone();
    return someone === null ? undefined : this.changeGroupBy(someone);
  };

  private async changeGroupBy({ person, client }: Someone): Promise<void> {
    const { run } = this;
    if (run.passing.has(person.username)) return;
    const group = client.conversation(run.origin.group);
    const cleo = run.person('cleo').self.user;
    run.passing.add('cleo');
    if (person.username === 'cleo') return;
    const isIn = (await group.members()).some(({ user }) => user === cleo);
    void (isIn ? group.remove([cleo]) : group.add([cleo])).catch((error: unknown) =>
      run.refused(person, error),
    );
  }

  /** Bytes that are on their way when the network goes, and stale when they are sent again. */
  private readonly missChangeWhileWriting: Action = async () => {
    const { run } = this;
    const names = run.chance.happens(0.5) ? (['ana', 'ben'] as const) : (['ben', 'ana'] as const);
    const [writer, changer] = names.map((name) => this.clientOf(run.person(name)));
    if (writer === null || writer === undefined || changer === null || changer === undefined) return;
    run.write(writer.person, writer.client, run.origin.group);
    await run.clock.run(1);
    writer.person.goOffline();
    await this.changeGroupBy(changer);
    run.clock.setTimer(() => writer.person.goOnline(), minMissedMs + run.chance.below(maxOfflineMs));
  };

  private readonly leave: Action = () => {
    const { run } = this;
    const cleo = this.clientOf(run.person('cleo'));
    run.passing.add('cleo');
    if (cleo !== null) this.ask(cleo, (client) => client.conversation(run.origin.group).leave());
  };

  /** Two people may do so at once, and neither knows. */
  private readonly createDirect: Action = () => {
    const { chance } = this.run;
    const [one, other] = this.twoPeople();
    const [first, second] = chance.happens(0.5) ? [one, other] : [other, one];
    this.createBy(first, second);
    if (chance.happens(0.6)) this.createBy(second, first);
  };

  private readonly createWhileLiedTo: Action = () => {
    this.run.lyingDirectory?.lie();
    return this.createDirect();
  };

  private twoPeople(): readonly [Person, Person] {
    const { run } = this;
    const [one, other] = run.chance.pick([
      ['ana', 'ben'],
      ['ana', 'cleo'],
      ['ben', 'cleo'],
    ] as const);
    return [run.person(one), run.person(other)];
  }

  private createBy(person: Person, peer: Person): void {
    const client = this.clientOf(person)?.client;
    client?.direct(peer.self.user).then(
      ({ id }) => this.run.write(person, client, id),
      (error: unknown) => this.run.refused(person, error),
    );
  }

  private readonly welcomeNewcomer: Action = () => {
    const { run } = this;
    const dora = run.people.find(({ username }) => username === 'dora');
    run.passing.add('dora');
    if (dora === undefined) {
      void run.addPerson('dora').start();
      return;
    }
    const ana = this.clientOf(run.person('ana'));
    if (ana === null || !this.registered.includes(dora)) return;
    this.ask(ana, (client) => client.conversation(run.origin.group).add([dora.self.user]));
  };

  private readonly openAgain: Action = () => {
    const person = this.run.chance.pick(this.run.people);
    if (person.client === null) return;
    this.run.trace.note(`${person.username} opens a second client`);
    void person.start();
  };

  private readonly moveClock: Action = () => {
    const { chance, people, system } = this.run;
    const offsetMs = Math.floor((chance.fraction() - 0.5) * 2 * chance.pick([60_000, dayMs]));
    // Only on: see `DeviceSockets` for what a claim of the time before would do.
    if (chance.happens(0.3)) system.offsetMs += Math.abs(offsetMs);
    else chance.pick(people).offsetMs += offsetMs;
  };

  private readonly endSessions: Action = () => this.run.origin.services.sessions.clear();

  private readonly useUpKeyPackages: Action = () => {
    const { chance, clock, origin, mix } = this.run;
    const person = chance.pick(this.registered);
    const giveBack = origin.services.directory.useUpKeyPackages(person.self.device);
    clock.setTimer(giveBack, chance.below(maxScarcityMs));
    const other = chance.pick(this.registered.filter((each) => each !== person));
    if (mix.creation) this.createBy(other, person);
  };

  private readonly read: Action = () => {
    const someone = this.someone();
    const [info] = someone?.client.conversations() ?? [];
    if (someone === null || info === undefined) return;
    const id: ConversationId = info.id;
    this.ask(someone, (client) => client.conversation(id).markRead());
  };

  private readonly readSome: Action = () => {
    const someone = this.someone();
    const [info] = someone?.client.conversations() ?? [];
    if (someone === null || info === undefined) return;
    this.ask(someone, (client) => changeOwnView(client, { info, chance: this.run.chance }));
  };

  private readonly setReadMarks: Action = () => {
    const someone = this.someone();
    if (someone === null) return;
    const readMarks = this.run.chance.pick(['sent', 'kept'] as const);
    this.ask(someone, (client) => client.setReadMarks(readMarks));
  };

  /** Not waited for; what the client refuses is judged. */
  ask({ person, client }: Someone, call: (client: CipherChat) => Promise<unknown>): void {
    void call(client).catch((error: unknown) => this.run.refused(person, error));
  }
}
