/**
 * The services of a run as processes: two gateways and two message stores on one bus and one database, all of which a
 * run may crash, cut off and start again.
 */
import type { ConversationId } from '@cipherchat/protocol';
import type { FakeUniverse, ModelBackup, ModelServices, VirtualClock } from '@cipherchat/client-sdk/testing';
import { Bus, type BusConnection } from './bus.js';
import type { Chance } from './chance.js';
import { GatewayProcess } from './gateway-process.js';
import { ModelDatabase, type Database } from './model-database.js';
import { plantNothing, type Plant } from './plant.js';
import { Process, type Probe } from './process.js';
import type { SocketPair } from './socket-pair.js';
import { soundDatabase, StoreProcess, type DatabaseFaults } from './store-process.js';
import type { Trace } from './trace.js';

export type SystemParams = {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly services: ModelServices;
  readonly universe: FakeUniverse;
  readonly probe: Probe;
  readonly plant: Plant;
  /** Looks at, or does elsewhere as well, what the model's database is asked. */
  readonly watchDatabase: (database: ModelDatabase) => Database;
};

export const gatewayNames = ['a', 'b'] as const;
const storeNames = ['1', '2'] as const;

type Running<Service> = {
  readonly process: Process;
  readonly bus: BusConnection;
  readonly service: Service;
  readonly sockets: Set<SocketPair>;
};

export class System {
  readonly bus: Bus;
  readonly database: ModelDatabase;
  readonly gateways = new Map<string, Running<GatewayProcess>>();
  readonly stores = new Map<string, Running<StoreProcess>>();
  databaseFaults: DatabaseFaults = soundDatabase;
  /** How far the server's clock is off. */
  offsetMs = 0;
  private readonly watched: Database;

  constructor(readonly params: SystemParams) {
    const { clock, chance, services, universe, plant = plantNothing, watchDatabase } = params;
    this.bus = new Bus(clock, chance);
    const makeDatabase = plant.database ?? ((database) => new ModelDatabase(database));
    this.database = makeDatabase({
      services,
      nowMs: () => this.nowMs(),
      observe: (bytes) => universe.observe(bytes),
    });
    this.watched = watchDatabase(this.database);
  }

  readonly nowMs = (): number => this.params.clock.nowMs() + this.offsetMs;

  async start(): Promise<void> {
    for (const name of storeNames) await this.startStore(name);
    for (const name of gatewayNames) this.startGateway(name);
  }

  async startStore(name: string): Promise<void> {
    const { clock, chance, plant, probe, trace } = this.params;
    if (this.stores.has(name)) return;
    trace.note(`store ${name} starts`);
    const process = new Process('store', name, probe);
    const bus = this.bus.connect();
    const faults = (): DatabaseFaults => this.databaseFaults;
    const database = plant.store?.({ database: this.watched, process, bus, clock }) ?? this.watched;
    const service = new StoreProcess({
      process,
      bus,
      database,
      clock,
      chance,
      faults,
      generation: this.database.generation,
    });
    this.stores.set(name, { process, bus, service, sockets: new Set() });
    await service.start();
  }

  startGateway(name: string): void {
    const { clock, plant, probe, trace } = this.params;
    if (this.gateways.has(name)) return;
    trace.note(`gateway ${name} starts`);
    const process = new Process('gateway', name, probe);
    const connection = this.bus.connect();
    const bus = plant.gatewayBus?.(connection) ?? connection;
    const service = new GatewayProcess({
      process,
      bus,
      clock,
      nowMs: this.nowMs,
      generation: this.database.generation,
      whoHas: (token) => this.database.whoHas(token),
    });
    this.gateways.set(name, { process, bus: connection, service, sockets: new Set() });
    service.start();
  }

  /** The process dies now; what it had handed to the network still arrives. */
  crash(process: Process): void {
    this.params.trace.note(`${process.kind} ${process.name} dies`);
    const all: Map<string, Running<unknown>> = process.kind === 'gateway' ? this.gateways : this.stores;
    const running = all.get(process.name);
    process.end();
    if (running?.process !== process) return;
    all.delete(process.name);
    running.bus.close();
    for (const socket of running.sockets) socket.closeByServer(1006);
  }

  /** The operator stops all services and gives them an older database. Gateways and stores are to be started again. */
  restore(backup: ModelBackup): void {
    this.params.trace.note('the database is restored from a backup');
    for (const { process } of [...this.gateways.values(), ...this.stores.values()]) this.crash(process);
    this.database.restore(backup);
  }

  async startAgain({ kind, name }: Process): Promise<void> {
    if (kind === 'gateway') this.startGateway(name);
    else await this.startStore(name);
  }

  async startAll(): Promise<void> {
    for (const name of storeNames) await this.startStore(name);
    for (const name of gatewayNames) this.startGateway(name);
    for (const { bus } of [...this.gateways.values(), ...this.stores.values()]) bus.restore();
  }

  headOf(conversation: ConversationId): number {
    return this.database.logs.get(conversation)?.headSeq ?? 0;
  }
}
