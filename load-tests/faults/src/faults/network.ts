import type { Fault } from '../fault.js';

export const networkFaults: readonly Fault[] = [
  {
    name: 'cut-network',
    what: 'the line between all clients and the servers is down',
    holdMs: 2_500,
    surroundings: 'ordinary',
    inject: (faulty) => faulty.network.cut(),
    heal: (faulty) => faulty.network.heal(),
  },
  {
    name: 'slow-network',
    what: 'that line is slower than the load, and drops what does not fit its queue',
    holdMs: 3_000,
    surroundings: 'ordinary',
    inject: (faulty) => faulty.network.slow(),
    heal: (faulty) => faulty.network.heal(),
  },
];
