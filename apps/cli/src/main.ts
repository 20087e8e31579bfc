import { CommanderError, type Command } from 'commander';
import { isProblem } from '@cipherchat/client-sdk';
import { readConfig } from './config.js';
import type { GlobalOptions } from './context.js';
import { exitCodes, type CliFailure } from './exit-codes.js';
import { explainFailure } from './explain-failure.js';
import { askOnTerminal } from './profile/passphrase.js';
import { createProgram, type RunWork } from './program.js';
import { readRunFile } from './server/run-file.js';
import { createOutput, showsColours } from './terminal/output.js';
import { safeJson, safeLine } from './terminal/safe-text.js';

const exitCode = await runCommandLine(process.argv.slice(2));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// Everything durable is closed: a connection that the platform keeps for reuse must not keep a finished command waiting.
process.exit(exitCode);

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Parses, carries out and explains; returns the exit code. */
async function runCommandLine(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  endQuietlyWhenNobodyReads();
  const config = readConfig();
  const run: RunWork = (options, work) =>
    work({
      config,
      options,
      runFile: readRunFile(config.runFile),
      askHidden: askOnTerminal,
      interrupted: interrupted.signal,
      output: createOutput({
        kind: options.json === true ? 'json' : 'text',
        colours: showsColours({
          isTTY: process.stdout.isTTY,
          noColor: config.noColor,
          dumbTerminal: config.dumbTerminal,
        }),
        standardOutput: process.stdout,
        standardError: process.stderr,
      }),
    });
  const program = quietly(createProgram(run));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.ok.code;
  } catch (error) {
    if (error instanceof CommanderError) return usageError(error);
    return explain(explainFailure(error), program.opts<GlobalOptions>());
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt);
  }
}

/** Lets errors of the command line come to `runCommandLine` instead of ending the process. */
function quietly(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) quietly(child);
  return command;
}

/** Help and version are asked for; everything else was a mistake, which commander has explained. */
function usageError(error: CommanderError): number {
  if (error.code === 'commander.help') return exitCodes.usage.code; // no command was given: the help stands on standard error
  return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
}

function explain(failure: CliFailure, options: GlobalOptions): number {
  const { code } = exitCodes[failure.reason];
  const { message, hint, cause } = failure;
  if (options.json === true) {
    const problem = isProblem(cause) ? { problem: cause.code, retryAfterMs: cause.retryAfterMs } : {};
    process.stderr.write(
      `${safeJson({ kind: 'error', code, error: message, ...(hint === undefined ? {} : { hint }), ...problem })}\n`,
    );
  } else
    process.stderr.write(
      `cipherchat: ${safeLine(message)}\n${hint === undefined ? '' : `${safeLine(hint)}\n`}`,
    );
  return code;
}

/** `cipherchat history ben | head`: the reader has enough, which is no failure. */
function endQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok.code);
    throw error;
  });
}
