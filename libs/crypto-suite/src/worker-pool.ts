/** Worker processes that take tasks from one queue: an MLS engine is synchronous, so each core needs its own. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

export type WorkerPool<Task, Answer> = {
  /** Runs all tasks; `onAnswer` is called in the order in which they end. A worker that dies ends the run with an error. */
  runAll(tasks: readonly Task[], onAnswer: (task: Task, answer: Answer) => void): Promise<void>;
};

export function createWorkerPool<Task extends object, Answer>(params: {
  readonly script: string;
  readonly args: readonly string[];
  readonly workers?: number;
}): WorkerPool<Task, Answer> {
  const { script, args, workers = availableParallelism() } = params;
  return {
    async runAll(tasks, onAnswer) {
      const queue = [...tasks];
      const count = Math.min(workers, tasks.length);
      await Promise.all(
        Array.from({ length: count }, () => work<Task, Answer>({ script, args, queue, onAnswer })),
      );
    },
  };
}

function work<Task extends object, Answer>(params: {
  readonly script: string;
  readonly args: readonly string[];
  readonly queue: Task[];
  readonly onAnswer: (task: Task, answer: Answer) => void;
}): Promise<void> {
  const { script, args, queue, onAnswer } = params;
  return new Promise((resolve, reject) => {
    // The channel is the worker's lifeline too: it exits when this process is gone.
    const child = fork(script, [...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--enable-source-maps'],
    });
    let current: Task | undefined;
    const next = (): void => {
      current = queue.shift();
      if (current === undefined) child.disconnect();
      else child.send(current);
    };
    child.on('message', (answer) => {
      if (current !== undefined) onAnswer(current, answer as Answer);
      next();
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (current === undefined) resolve();
      else reject(new Error(`a worker ended (${signal ?? code}) during ${JSON.stringify(current)}`));
    });
    next();
  });
}
