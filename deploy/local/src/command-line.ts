import { ExplainedError, MigrationError } from '@cipherchat/test-kit';

/** Runs a command's main function: what a person can act on is one line, anything else is a bug and shows its stack. */
export async function runCommand(main: (args: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof ExplainedError || error instanceof MigrationError) console.error(error.message);
    else console.error(error);
  }
  // The channel to run.mjs would keep a finished command alive.
  if (process.connected) process.disconnect();
}

const keepAliveMs = 60_000;

/** Resolves at the first Ctrl-C or SIGTERM, and when the program that started us is gone. */
export function untilAskedToStop(): Promise<'signal' | 'parent-gone'> {
  setInterval(() => {}, keepAliveMs); // servers do not keep this program alive, nor do signal handlers
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve('signal'));
    process.once('disconnect', () => resolve('parent-gone'));
  });
}
