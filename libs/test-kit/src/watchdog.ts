import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** From `src/` as from `dist/`: the watchdog always runs from its source (Node strips the types). */
const watchdogFile = fileURLToPath(new URL('../src/watchdog-process.ts', import.meta.url));

let pipe: Writable | undefined;

/** Starts the watchdog with the first thing to guard. It is detached, so that a signal to our group spares it. */
function watchdogPipe(): Writable {
  if (pipe !== undefined) return pipe;
  const child = spawn(process.execPath, [watchdogFile], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: {},
  });
  child.unref();
  // Node types the pipe as a stream, but it is a socket: unref it, or it keeps a finished program alive.
  const socket = child.stdin as Writable & { unref?: () => void };
  socket.unref?.();
  socket.on('error', () => {}); // the watchdog was killed by hand; nothing is guarded then
  pipe = socket;
  return socket;
}

/** From now on the process ends with us, however we end. `stopSignal` is the one that it stops fastest by, cleanly. */
export function guardProcess(params: { readonly pid: number; readonly stopSignal: NodeJS.Signals }): void {
  watchdogPipe().write(`process ${params.pid} ${params.stopSignal}\n`);
}

/** Call it as soon as the process has ended: its pid may soon be another program's. */
export function releaseProcess(pid: number): void {
  watchdogPipe().write(`gone ${pid}\n`);
}

/** From now on the folder is removed when we end, however we end. */
export function guardFolder(path: string): void {
  watchdogPipe().write(`folder ${path}\n`);
}

export function releaseFolder(path: string): void {
  watchdogPipe().write(`removed ${path}\n`);
}
