import type { Config } from './config.js';
import type { RunFile } from './server/run-file.js';
import type { Output } from './terminal/output.js';

/** Options that every command has. */
export type GlobalOptions = {
  readonly profile?: string;
  readonly server?: string;
  readonly gateway?: string;
  readonly json?: boolean;
};

/** What a command is given besides its own arguments. */
export type Context = {
  readonly config: Config;
  readonly options: GlobalOptions;
  readonly runFile: RunFile | undefined;
  readonly output: Output;
  readonly askHidden: (prompt: string) => Promise<string>;
  /** Aborted by Ctrl-C or a signal to end. */
  readonly interrupted: AbortSignal;
};
