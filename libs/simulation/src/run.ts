/** One run from a seed: what happens, in virtual time, and whether what must hold held. */
import {
  HaltedError,
  CallRefusedError,
  NetworkError,
  type CipherChat,
  type Message,
} from '@cipherchat/client-sdk';
import { createFakeEngine, VirtualClock } from '@cipherchat/client-sdk/testing';
import type { MlsEngine } from '@cipherchat/crypto';
import type { ConversationId } from '@cipherchat/protocol';
import { Actions } from './actions.js';
import { Chance } from './chance.js';
import type { CrashCounts, CrashPoint } from './crash-points.js';
import { LyingDirectory } from './lying-directory.js';
import { lostMarks } from './lost-marks.js';
import { Mallory } from './mallory.js';
import { drawMix, type Mix } from './mix.js';
import { clearDelivered, type Database, type ModelDatabase } from './model-database.js';
import { Network, soundNetwork } from './network.js';
import { quietBus } from './bus.js';
import { isOfDisk } from './disk-failure.js';
import { CrashPlan } from './crash-plan.js';
import { copyOrigin, type Origin } from './origin.js';
import { Person, soundDisk } from './person.js';
import { plantNothing, type Plant } from './plant.js';
import type { Process } from './process.js';
import { soundDatabase } from './store-process.js';
import { System } from './system.js';
import { watchAcknowledgements } from './watch-acknowledgements.js';
import { Trace } from './trace.js';
import { judge, judgePunctuality } from './verdict.js';

export type RunParams = {
  readonly seed: number;
  readonly origin: Origin;
  /** `null` for the fake one. */
  readonly engine: MlsEngine | null;
  readonly plant?: Plant;
  readonly watchDatabase?: (database: ModelDatabase) => Database;
  readonly say?: (line: string) => void;
};

export type RunResult = {
  readonly seed: number;
  /** Rules that were broken, as sentences; none if all is well. */
  readonly broken: readonly string[];
  readonly messages: number;
  /** The server's database was lost to an older backup. */
  readonly restored: boolean;
  readonly crashes: CrashCounts;
  readonly hash: string;
};

/** A message that its writer was told to be stored. */
export type Written = {
  readonly text: string;
  readonly by: string;
  readonly conversation: () => ConversationId;
};

/** Backoff ceilings, head comparisons, healing: all of it is over by then. */
const calmMs = 900_000;
const calmStepMs = 5_000;
const retentionMs = 400;
const leapMs = 70 * 24 * 60 * 60 * 1000;

export class Run {
  readonly chance: Chance;
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly system: System;
  readonly network: Network;
  readonly mix: Mix;
  readonly people: Person[] = [];
  readonly written: Written[] = [];
  readonly mallory: Mallory;
  readonly lyingDirectory: LyingDirectory | null;
  readonly origin: Origin;
  /** The server has forgotten something that it had acknowledged; an administrator has closed a conversation. */
  restored = false;
  wasReset = false;
  /** Those who were not members all the time. */
  readonly passing = new Set<string>();
  /** They sent again what had failed, which stands behind what they wrote since. */
  readonly retriers = new Set<string>();
  private readonly broken: string[] = [];
  private readonly crashes: CrashPlan;
  private readonly shown = new Map<string, Set<string>>();
  private texts = 0;

  constructor(readonly params: RunParams) {
    const { seed, plant = plantNothing, say } = params;
    const { watchDatabase = (database) => database } = params;
    this.origin = copyOrigin(params.origin);
    this.chance = new Chance(seed);
    this.clock = new VirtualClock(this.origin.nowMs);
    this.trace = new Trace(this.clock.nowMs, say);
    this.mix = drawMix(this.chance);
    this.crashes = new CrashPlan(this.mix.crashes);
    this.system = new System({
      clock: this.clock,
      chance: this.chance,
      trace: this.trace,
      services: this.origin.services,
      universe: this.origin.universe,
      probe: (process, point) => this.passed(process, point),
      plant,
      watchDatabase: (database) => watchAcknowledgements(watchDatabase(database), this),
    });
    this.network = new Network(this.system);
    this.mallory = new Mallory(this);
    this.lyingDirectory = this.mix.lies ? new LyingDirectory(this) : null;
    for (const name of ['ana', 'ben', 'cleo']) this.addPerson(name);
  }

  async carryOut(): Promise<RunResult> {
    const { mix, clock, chance } = this;
    this.trace.note(JSON.stringify(mix));
    if (mix.leap) for (const each of [this.system, ...this.people]) each.offsetMs = leapMs;
    await this.system.start();
    for (const person of this.people) void person.start();
    await clock.run(3_000);
    if (mix.retention) this.clear();
    const actions = new Actions(this);
    for (let count = 0; count < mix.actions; count++) {
      await actions.next();
      await clock.run(chance.below(900));
    }
    if (mix.punctual) await judgePunctuality(this);
    await this.calmDown();
    await judge(this);
    for (const violation of this.origin.universe.violations) this.breaks(violation);
    return this.result();
  }

  /** It could not be carried out. */
  failed(reason: string): RunResult {
    this.breaks(reason);
    return this.result();
  }

  private result(): RunResult {
    const { params, written, restored, crashes, trace } = this;
    const broken = [...new Set(this.broken)];
    const messages = written.length;
    return { seed: params.seed, broken, messages, restored, crashes: crashes.counts, hash: trace.hash };
  }

  addPerson(username: string): Person {
    const { engine, plant = plantNothing } = this.params;
    const disk = this.origin.disks.get(username);
    const person = new Person({
      username,
      system: this.system,
      network: this.network,
      engine: engine ?? createFakeEngine({ universe: this.origin.universe, random: this.chance.bytes }),
      probe: (process, point) => this.passed(process, point),
      plant,
      broken: (rule) => this.breaks(rule),
      told: (...told) => this.told(...told),
      ...(disk === undefined ? {} : { disk }),
    });
    this.people.push(person);
    return person;
  }

  person(username: string): Person {
    const found = this.people.find((person) => person.username === username);
    if (found === undefined) throw new Error(`there is no ${username}`);
    return found;
  }

  breaks(rule: string): void {
    this.trace.note(`BROKEN ${rule}`);
    this.broken.push(rule);
  }

  /** Counted as written only when the call resolved: until then nothing was promised. */
  write(person: Person, client: CipherChat, conversation: ConversationId): void {
    const text = `${person.username} ${++this.texts}`;
    const handle = client.conversation(conversation);
    this.trace.note(`${text} is written`);
    handle.send(text).then(
      () =>
        this.written.push({
          text,
          by: person.username,
          conversation: () => person.client?.conversation(handle.id).id ?? handle.id,
        }),
      (error: unknown) => this.refused(person, error),
    );
  }

  /** What a client may answer to any call. */
  refused(person: Person, error: unknown): void {
    const isExpected =
      error instanceof HaltedError || error instanceof CallRefusedError || error instanceof NetworkError;
    if (!isExpected && !isOfDisk(error)) this.breaks(`a call of ${person.username} failed: ${String(error)}`);
  }

  /** A crashed or halted program is started again, as a person or a supervisor would. */
  startLater(person: Person): void {
    this.clock.setTimer(
      () => {
        if (!person.isUp) void person.start();
      },
      100 + this.chance.below(4_000),
    );
  }

  private passed(process: Process, point: CrashPoint): void {
    this.trace.note(`${process.name} ${point}`);
    const verdict = this.crashes.at({ process, point, nowMs: this.clock.nowMs() });
    if (verdict === 'goes-round') {
      this.breaks(`${process.name} goes round in circles at ${point}`);
      process.end();
    }
    if (verdict === 'crash') this.crash(process, point);
  }

  private crash(process: Process, point: CrashPoint): void {
    this.trace.note(`crash at ${point}`);
    const restartMs = 100 + this.chance.below(4_000);
    if (process.kind === 'client') {
      const person = this.person(process.name.split('-')[0] ?? '');
      person.crash(process);
      if (!person.isUp) this.startLater(person);
      return;
    }
    this.system.crash(process);
    this.clock.setTimer(() => void this.system.startAgain(process), restartMs);
  }

  private told(person: Person, what: 'message' | 'message-changed', message: Message): void {
    if (what === 'message-changed') return this.toldOfChange(person, message);
    const shown = this.shown.get(person.username) ?? new Set();
    this.shown.set(person.username, shown);
    if (shown.has(message.id)) this.breaks(`${person.username} was told of a message twice`);
    shown.add(message.id);
  }

  /** "Delivered" is a promise: it is on their disks. */
  private toldOfChange(person: Person, { conversation, seq, delivery }: Message): void {
    if (delivery?.kind !== 'delivered' || seq === null) return;
    for (const { username, cursors } of this.membersOf(conversation))
      if (username !== person.username && (cursors.get(conversation) ?? 0) < seq)
        this.breaks(`delivered was shown before ${username} had it on the disk`);
  }

  /** Clients of those who were members all the time. */
  membersOf(conversation: ConversationId): readonly Person[] {
    const log = this.system.database.logs.get(conversation);
    const devices = new Set(log?.current().map(({ device }) => device));
    return this.people.filter(
      (person) => !this.passing.has(person.username) && devices.has(person.self.device),
    );
  }

  get conversations(): readonly ConversationId[] {
    return [...this.system.database.logs.keys()];
  }

  private clear(): void {
    for (const log of this.system.database.logs.values()) clearDelivered(log);
    this.clock.setTimer(() => this.clear(), retentionMs);
  }

  private async calmDown(): Promise<void> {
    this.trace.note('calm');
    this.crashes.calm();
    this.network.faults = soundNetwork;
    this.system.bus.faults = quietBus;
    this.system.databaseFaults = soundDatabase;
    await this.system.startAll();
    for (const person of this.people) {
      person.diskFaults = soundDisk;
      const isHalted = person.client?.connection.kind === 'stopped' && this.mix.failingDisks;
      if (!person.isUp || isHalted) void person.start();
      else person.goOnline();
    }
    // Twice in a row: an acknowledgement, a receipt or a healing may follow the last message.
    for (let passedMs = 0, rests = 0; passedMs < calmMs && rests < 2; passedMs += calmStepMs) {
      await this.clock.run(calmStepMs);
      rests = this.isAtRest() ? rests + 1 : 0;
    }
  }

  private isAtRest(): boolean {
    const isApplied = this.conversations.every((conversation) =>
      this.membersOf(conversation).every(
        (person) =>
          (person.cursors.get(conversation) ?? 0) >= this.system.headOf(conversation) &&
          (person.disk.tables.get('intents')?.size ?? 0) === 0,
      ),
    );
    const areBack = this.people.every((person) => person.isBack && person.faultsAtRest().length === 0);
    return isApplied && areBack && lostMarks(this).length === 0;
  }
}
