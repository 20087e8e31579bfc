/** What a file of commands is given by the program. */
import type { Command } from 'commander';
import type { Context } from './context.js';

/** Makes a command below another, in a group of the help. */
export type MakeCommand = (params: {
  readonly usage: string;
  readonly group: string;
  readonly description: string;
  readonly parent?: Command;
}) => Command;
/** Makes commander's callback of a command's work. */
export type MakeAction = <Arguments extends readonly unknown[]>(
  work: (context: Context, ...args: Arguments) => Promise<void>,
) => (...args: readonly unknown[]) => Promise<void>;
