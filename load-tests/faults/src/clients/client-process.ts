/** The parent's handle to a process of clients. */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { guardProcess, inheritedEnvironment, releaseProcess } from '@cipherchat/test-kit';
import type { Order, Told } from './orders.js';

export type ClientProcessParams = {
  readonly program: 'light-process' | 'sdk-process';
  /** What runs it on the clients' host. */
  readonly prefix: readonly string[];
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onTold: (told: Told) => void;
};

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void };

export class ClientProcess {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<void>,
  ) {}

  static start(params: ClientProcessParams): ClientProcess {
    const { program, prefix, logFile, environment, onTold } = params;
    const file = fileURLToPath(new URL(`${program}.js`, import.meta.url));
    const [command = process.execPath, ...args] = [
      ...prefix,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--enable-source-maps',
      file,
    ];
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(command, args, {
      stdio: ['ignore', log, log, 'ipc'],
      env: inheritedEnvironment(environment),
      detached: true, // Ctrl-C is ours to handle
    });
    const { pid } = child;
    if (pid !== undefined) guardProcess({ pid, stopSignal: 'SIGKILL' });
    const exited = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => {
        if (pid !== undefined) releaseProcess(pid);
        resolve();
      });
    });
    const clients = new ClientProcess(child, exited);
    child.on('message', (told: Told) => {
      if (told.kind === 'done') clients.settle(told.order)?.resolve(told.result);
      else if (told.kind === 'failed')
        clients.settle(told.order)?.reject(new Error(`${program}: ${told.reason}`));
      else onTold(told);
    });
    void exited.then(() => {
      for (const id of [...clients.waiting.keys()])
        clients.settle(id)?.reject(new Error(`${program} ended; see ${logFile}`));
    });
    return clients;
  }

  ask<Result>(order: Order): Promise<Result> {
    const id = this.nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as Result), reject });
      this.child.send({ id, order }, (error) => {
        if (error !== null) this.settle(id)?.reject(error);
      });
    });
  }

  /** As a crash ends it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}
