/** Waiting for what a program or the cluster has yet to do, never longer than said, and not after a program has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError, logTail } from '@cipherchat/test-kit';
import { logFile } from './layout.js';
import type { Running } from './namespaces.js';

const pollMs = 300;

/** @throws ExplainedError with the end of the log of the program that ended, or that was waited for */
export async function waitFor(params: {
  readonly what: string;
  readonly withinMs: number;
  readonly started: readonly Running[];
  /** Whose log says why it takes so long. */
  readonly blame: Running;
  readonly isDone: () => Promise<boolean>;
}): Promise<void> {
  const { what, withinMs, started, blame, isDone } = params;
  const deadline = performance.now() + withinMs;
  while (!(await isDone())) {
    const ended = started.find(({ exit }) => exit() !== undefined);
    if (ended !== undefined)
      throw new ExplainedError(
        `${ended.name} ended (${ended.exit()}) before ${what}:\n${logTail(logFile(ended.name))}`,
      );
    if (performance.now() > deadline)
      throw new ExplainedError(
        `After ${withinMs / 1_000} s: not yet ${what}. The end of ${blame.name}'s log:\n${logTail(logFile(blame.name))}`,
      );
    await sleep(pollMs);
  }
}
