import type { FaultSystem } from '../fault-system.js';
import type { Fault } from '../fault.js';
import type { TcpProxy } from '../network/tcp-proxy.js';

/** The lines of the gateways, or, every third time, that of the store. */
function partitioned(faulty: FaultSystem, injection: number): readonly TcpProxy[] {
  const side = injection % 3 === 2 ? 'message-store' : 'gateway';
  return [...faulty.natsLines].flatMap(([instance, line]) => (instance.startsWith(side) ? [line] : []));
}

export const natsFaults: readonly Fault[] = [
  {
    name: 'restart-nats',
    what: 'kill -9 of the NATS server, then a new process',
    holdMs: 500,
    surroundings: 'ordinary',
    inject: async (faulty) => void (await faulty.system.nats.kill()),
    heal: (faulty) => faulty.system.nats.start(),
  },
  {
    name: 'partition-nats',
    what: 'gateways, or the store, cut off from NATS while sockets live; with resets and silently in turn',
    holdMs: 2_000,
    surroundings: 'ordinary',
    inject: async (faulty, injection) => {
      for (const line of partitioned(faulty, injection)) {
        if (injection % 2 === 0) line.cut();
        else line.stall();
      }
    },
    heal: async (faulty, injection) => {
      for (const line of partitioned(faulty, injection)) line.heal();
    },
  },
];
