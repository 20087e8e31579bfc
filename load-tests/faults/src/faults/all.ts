import type { Fault } from '../fault.js';
import { clientFaults } from './clients.js';
import { clockFaults } from './clock.js';
import { databaseFaults } from './databases.js';
import { diskFaults } from './disk.js';
import { natsFaults } from './nats.js';
import { networkFaults } from './network.js';
import { serviceFaults } from './services.js';

/** In the order in which they are run. */
export const allFaults: readonly Fault[] = [
  ...serviceFaults,
  ...natsFaults,
  ...databaseFaults,
  ...networkFaults,
  ...clientFaults,
  ...clockFaults,
  ...diskFaults,
];
