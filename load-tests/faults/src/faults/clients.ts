import { randomInt } from 'node:crypto';
import type { Fault } from '../fault.js';

const maxWaitMs = 500;
const hosts = 4;
let victim = 0;

export const clientFaults: readonly Fault[] = [
  {
    name: 'kill-clients',
    what: 'kill -9 of a random host with three SDK clients at a random moment, then the same files opened again',
    holdMs: 300,
    surroundings: 'ordinary',
    inject: async (faulty) => {
      victim = randomInt(hosts);
      await new Promise((resolve) => setTimeout(resolve, randomInt(maxWaitMs)));
      await faulty.sdk.killHost(victim);
    },
    heal: (faulty) => faulty.sdk.startHost(victim),
  },
];
