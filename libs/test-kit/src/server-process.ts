import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { inheritedEnvironment } from './config.js';
import { ExplainedError } from './explained-error.js';
import { guardProcess, releaseProcess } from './watchdog.js';

/** A real server that runs as a child of this process and ends with it, even after SIGKILL. */
export type RunningServer = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<ServerExit>;
  /** Ends it in order and waits until it has ended; harmless when it already has. */
  readonly stop: () => Promise<void>;
};

export type ServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** What the operating system starts. `identity` changes the user, which only root can ask for. */
export type ServerCommand = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly identity?: { readonly uid: number; readonly gid: number };
  /** The signal by which it stops quickly and cleanly. */
  readonly stopSignal: NodeJS.Signals;
  readonly logFile: string;
};

export type ServerProcess = Omit<RunningServer, 'url' | 'port'> & {
  /** Undefined while it runs. */
  readonly exit: () => ServerExit | undefined;
};

const stopGraceMs = 10_000;
const readyPollMs = 20;
const logTailLines = 15;

/** Starts the program with its output appended to the log file. Resolves when the program runs, not when it serves. */
export async function startProcess(command: ServerCommand): Promise<ServerProcess> {
  const log = openSync(command.logFile, 'a', 0o600);
  const child = spawn(command.program, command.args, {
    stdio: ['ignore', log, log],
    // A group of its own: Ctrl-C in the terminal reaches only us, and we stop the servers in order.
    detached: true,
    env: command.env ?? inheritedEnvironment(),
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...command.identity,
  });
  closeSync(log);
  const pid = await spawned(child, command);
  child.unref(); // a program that forgot to stop it can still end; the watchdog then stops it
  guardProcess({ pid, stopSignal: command.stopSignal });
  let exit: ServerExit | undefined;
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      releaseProcess(pid);
      resolve(exit);
    });
  });
  return {
    pid,
    exited,
    exit: () => exit,
    stop: () => stopProcess({ child, exited, stopSignal: command.stopSignal }),
  };
}

function spawned(child: ChildProcess, command: ServerCommand): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new ExplainedError(`Cannot run ${command.program}: ${cause.message}`, { cause })),
    );
    child.once('spawn', () => resolve(child.pid as number));
  });
}

async function stopProcess(params: {
  readonly child: ChildProcess;
  readonly exited: Promise<ServerExit>;
  readonly stopSignal: NodeJS.Signals;
}): Promise<void> {
  const { child, exited, stopSignal } = params;
  child.kill(stopSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await exited;
  clearTimeout(timer);
}

/** Waits until `isReady` says yes. Fails with the tail of the log when the process ends first or time is up. */
export async function waitUntilReady(params: {
  readonly command: ServerCommand;
  readonly process: ServerProcess;
  readonly isReady: () => Promise<boolean>;
  readonly timeoutMs: number;
}): Promise<void> {
  const { command, process: server, isReady, timeoutMs } = params;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const ready = await isReady();
    // Looked at after the answer: it may have come from another program on the port, which ours found taken.
    if (server.exit() !== undefined)
      throw new ExplainedError(`${command.name} ended while starting.\n${logTail(command.logFile)}`);
    if (ready) return;
    if (performance.now() > deadline) {
      await server.stop();
      throw new ExplainedError(
        `${command.name} was not ready after ${timeoutMs} ms.\n${logTail(command.logFile)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, readyPollMs));
  }
}

/** The last lines of a log, for a person who must see why a server ended. */
export function logTail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n');
}
