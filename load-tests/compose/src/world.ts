/** What a case of Compose is given. */
import type { Case, People } from '@cipherchat/faults';
import type { Docker } from '@cipherchat/images';
import type { CommandLine } from './command-line.js';
import type { Deployment } from './deployment.js';

export type World = {
  readonly docker: Docker;
  readonly deployment: Deployment;
  readonly cli: CommandLine;
  /** Open before anything was brought up. */
  readonly portsBefore: ReadonlySet<number>;
  /** From the first case that needs them on. */
  readonly people: () => Promise<People>;
};

export type ComposeCase = Case<World>;
