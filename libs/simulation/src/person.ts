/**
 * A person, their disk, and the clients that run on it: one, or for a while two, of which the older one was superseded.
 * All of a client is real; its disk survives it.
 */
import {
  CipherChat,
  createMemoryDisk,
  createMemoryStore,
  type ClientOptions,
  type ConversationId,
  type MemoryDisk,
  type Message,
  type Store,
  type WriteBatch,
} from '@cipherchat/client-sdk';
import { tables } from '@cipherchat/client-sdk/testing';
import type { MlsEngine } from '@cipherchat/crypto';
import type { DeviceId, UserId } from '@cipherchat/protocol';
import { DiskFailure, isOfDisk } from './disk-failure.js';
import type { Life, Network } from './network.js';
import type { Plant } from './plant.js';
import { Process, type Probe } from './process.js';
import type { System } from './system.js';

/** What a disk does to a write. */
export type DiskFaults = { readonly maxWriteMs: number; readonly fail: number };
export const soundDisk: DiskFaults = { maxWriteMs: 0, fail: 0 };

export type PersonParams = {
  readonly username: string;
  readonly system: System;
  readonly network: Network;
  readonly engine: MlsEngine;
  readonly probe: Probe;
  readonly plant: Plant;
  readonly broken: (rule: string) => void;
  readonly told: (person: Person, what: 'message' | 'message-changed', message: Message) => void;
  readonly disk?: MemoryDisk;
};

type Instance = { readonly life: Life; client: CipherChat | null; readonly order: number };

export class Person {
  readonly disk: MemoryDisk;
  diskFaults: DiskFaults = soundDisk;
  /** How far this person's clock is off. */
  offsetMs = 0;
  /** Cursors as they are on the disk. */
  readonly cursors = new Map<ConversationId, number>();
  private current: Instance | null = null;
  private readonly older: Instance[] = [];
  private started = 0;

  constructor(readonly params: PersonParams) {
    this.disk = params.disk ?? createMemoryDisk();
    for (const bytes of this.disk.tables.get(tables.conversations.name)?.values() ?? []) {
      const row = tables.conversations.decode(bytes);
      this.cursors.set(row.id, row.cursorSeq);
    }
  }

  get username(): string {
    return this.params.username;
  }

  /** `null` while it is down. */
  get client(): CipherChat | null {
    return this.current?.client ?? null;
  }

  get isUp(): boolean {
    return this.current !== null;
  }

  get self(): { readonly user: UserId; readonly device: DeviceId } {
    const bytes = this.disk.tables.get(tables.profile.name)?.get('only');
    if (bytes === undefined) throw new Error(`${this.username} has no profile`);
    return tables.profile.decode(bytes);
  }

  /** Opens the profile, or registers one. The one that was running is not told: it is superseded. */
  start(): Promise<void> {
    const { params } = this;
    if (this.current !== null) this.older.push(this.current);
    const process = new Process('client', `${this.username}-${++this.started}`, params.probe);
    const instance: Instance = {
      life: { process, isOnline: true, sockets: new Set() },
      client: null,
      order: this.started,
    };
    this.current = instance;
    const options = this.options(instance);
    const isRegistered = this.disk.tables.has(tables.session.name);
    const opening = isRegistered
      ? CipherChat.open(options)
      : CipherChat.register({
          ...options,
          serverUrl: 'http://services.test',
          username: this.username,
          suite: 0x0001,
        });
    return opening.then(
      (client) => this.adopt(instance, client),
      () => {
        // Without an answer: begun again later, on what the disk holds.
        if (this.current === instance) this.crash(process);
      },
    );
  }

  /** The process dies now, with all that was not written. */
  crash(process: Process): void {
    process.end();
    const instance = [this.current, ...this.older].find((each) => each?.life.process === process);
    if (instance === undefined || instance === null) return;
    this.params.network.left(instance.life);
    if (instance === this.current) this.current = null;
  }

  goOffline(): void {
    if (this.current !== null) this.params.network.cut(this.current.life);
  }

  goOnline(): void {
    if (this.current === null) return;
    this.current.life.isOnline = true;
    this.current.client?.connectNow();
  }

  /** The network swallows what this person sends and should receive, and tells nobody. */
  fallSilent(): void {
    for (const socket of this.current?.life.sockets ?? []) socket.isSilent = true;
  }

  get isLive(): boolean {
    return this.client?.connection.kind === 'live';
  }

  /** What is not as it should be once everything is calm. */
  faultsAtRest(): readonly string[] {
    const connection = this.client?.connection;
    const stopped = connection?.kind === 'stopped' ? [`${this.username} stopped: ${connection.reason}`] : [];
    const awake = this.older.filter(
      ({ life, client }) => life.process.isAlive && client !== null && client.connection.kind !== 'stopped',
    );
    return [...stopped, ...awake.map(() => `a superseded client of ${this.username} goes on`)];
  }

  private adopt(instance: Instance, client: CipherChat): void {
    const { broken, told } = this.params;
    if (!instance.life.process.isAlive) return;
    instance.client = client;
    client.on('fault', ({ during, error }) => {
      if (!isOfDisk(error)) broken(`fault of ${this.username} during ${during}: ${String(error)}`);
    });
    client.on('message', (message) => told(this, 'message', message));
    client.on('message-changed', (message) => told(this, 'message-changed', message));
  }

  private options(instance: Instance): ClientOptions {
    const { system, network, engine, plant } = this.params;
    const { clock, chance } = system.params;
    const { process } = instance.life;
    const options: ClientOptions = {
      ...network.portsFor(instance.life),
      engine,
      random: chance.bytes,
      // A dead process sets no timers, and its timers do not fire.
      clock: {
        nowMs: () => clock.nowMs() + this.offsetMs,
        setTimer: (callback, delayMs) =>
          process.isAlive
            ? clock.setTimer(() => (process.isAlive ? callback() : undefined), delayMs)
            : () => undefined,
      },
      store: this.store(instance),
      probe: ({ step, point }) => process.at(step, point),
    };
    return plant.client?.(options, clock) ?? options;
  }

  private store(instance: Instance): Store {
    const plain = createMemoryStore(this.disk);
    return { ...plain, write: (batch) => this.write(instance, plain, batch) };
  }

  private async write({ life, order }: Instance, plain: Store, batch: WriteBatch): Promise<void> {
    const { clock, chance } = this.params.system.params;
    const { maxWriteMs } = this.diskFaults;
    if (maxWriteMs > 0) await clock.wait(chance.below(maxWriteMs));
    if (!life.process.isAlive) return new Promise<never>(() => undefined);
    // As the disk is now: in the end it is sound, also for what was begun before.
    const fails = chance.happens(this.diskFaults.fail);
    if (fails && chance.happens(0.5)) throw new DiskFailure();
    await plain.write(batch);
    if (order < this.started && batch.writerGeneration !== this.disk.writerGeneration)
      this.params.broken(`a superseded client of ${this.username} wrote`);
    this.noteCursors(batch);
    if (fails) throw new DiskFailure();
  }

  /** Who is on the way back from a restore finds more to do; behind a silent socket nobody knows of it yet. */
  get isBack(): boolean {
    return this.isLive && this.hasSeenLastRestore;
  }

  /** Until then it goes back to where its log and the restored one part. */
  private get hasSeenLastRestore(): boolean {
    const bytes = this.disk.tables.get(tables.device.name)?.get('only');
    if (bytes === undefined) return true;
    return tables.device.decode(bytes).generation === this.params.system.database.generation;
  }

  private noteCursors({ puts }: WriteBatch): void {
    for (const { table, value } of puts) {
      if (table !== tables.conversations.name) continue;
      const { id, cursorSeq } = tables.conversations.decode(value);
      if (cursorSeq < (this.cursors.get(id) ?? 0) && this.hasSeenLastRestore)
        this.params.broken(`a cursor of ${this.username} moved back`);
      this.cursors.set(id, cursorSeq);
    }
  }
}
