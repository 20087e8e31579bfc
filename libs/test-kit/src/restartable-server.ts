import { execFileSync } from 'node:child_process';
import { ExplainedError } from './explained-error.js';
import type { RunningServer, ServerExit } from './server-process.js';

/** A server that can end and come back on the same port and data. */
export type RestartableServer = {
  readonly url: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** SIGKILL for it and for its children, as a crash of the machine would end them; waits until it is gone. */
  readonly kill: () => Promise<ServerExit>;
  /** In order; waits until it has ended. */
  readonly stop: () => Promise<void>;
  /** Starts it again; resolves when it serves. `environment` comes on top of what it was given at first. */
  readonly start: (environment?: Readonly<Record<string, string>>) => Promise<void>;
};

/** Starts a server by `launch`, which is called again for each restart. */
export async function startRestartable(
  launch: (environment: Readonly<Record<string, string>>) => Promise<RunningServer>,
): Promise<RestartableServer> {
  let server = await launch({});
  let isRunning = true;
  const follow = (): void => {
    const followed = server;
    void followed.exited.then(() => {
      if (server === followed) isRunning = false;
    });
  };
  follow();
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    get isRunning() {
      return isRunning;
    },
    kill: () => {
      if (isRunning) killWithChildren(server.pid);
      return server.exited;
    },
    stop: () => server.stop(),
    start: async (environment = {}) => {
      if (isRunning) throw new ExplainedError(`${server.url} runs already.`);
      server = await launch(environment);
      isRunning = true;
      follow();
    },
  };
}

/** Postgres gives each child a session of its own, so that no signal to a group reaches them all. */
function killWithChildren(pid: number): void {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const children = listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid);
  for (const target of [pid, ...children.map(([child]) => child)]) {
    try {
      if (target !== undefined) process.kill(target, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
