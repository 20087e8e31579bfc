/** A bug that is planted on purpose, through the ports of what it breaks, to see that a survey finds it. */
import type { ClientOptions } from '@cipherchat/client-sdk';
import type { VirtualClock } from '@cipherchat/client-sdk/testing';
import type { BusConnection } from './bus.js';
import type { Database, ModelDatabase, ModelDatabaseParams } from './model-database.js';
import type { Process } from './process.js';

export type Plant = {
  readonly name: string;
  readonly database?: (params: ModelDatabaseParams) => ModelDatabase;
  readonly store?: (params: {
    readonly database: Database;
    readonly process: Process;
    readonly bus: BusConnection;
    readonly clock: VirtualClock;
  }) => Database;
  readonly gatewayBus?: (bus: BusConnection) => BusConnection;
  readonly client?: (options: ClientOptions, clock: VirtualClock) => ClientOptions;
};

export const plantNothing: Plant = { name: 'nothing' };
