import type { ComposeCase } from '../world.js';
import { confined } from './confined.js';
import { downAndUp } from './down-and-up.js';
import { edge } from './edge.js';
import { install } from './install.js';
import { probe } from './probe.js';
import { reboot } from './reboot.js';
import { restarts } from './restart.js';
import { restore } from './restore.js';
import { upgrade } from './upgrade.js';

/** In this order: each finds what the one before left. */
export const cases: readonly ComposeCase[] = [
  install,
  probe,
  confined,
  edge,
  ...restarts,
  reboot,
  downAndUp,
  upgrade,
  restore,
];
