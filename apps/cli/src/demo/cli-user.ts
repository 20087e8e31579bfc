/** A user of the command line as a process of its own: `cipherchat control`, driven through its standard input and output. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config.js';
import { exitCodes, CliFailure } from '../exit-codes.js';

export type Told = Readonly<Record<string, unknown>>;
export type CliUserParams = {
  readonly username: string;
  /** The folder of profiles that belong to the caller alone. */
  readonly dataHome: string;
  readonly server: string;
  readonly gateway?: string;
  /** Called for everything that is told, replies excepted. */
  readonly onTold: (told: Told, atMs: number) => void;
};

const program = fileURLToPath(new URL('../../bin/cipherchat.js', import.meta.url));
const replyTimeoutMs = 60_000;

type Waiting = { readonly resolve: (reply: Told) => void; readonly reject: (error: Error) => void };

export class CliUser {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private ended = false;
  /** What standard error said last, for the message when it ends unexpectedly. */
  private complaint = '';
  /** The gateway it is live on, once it is. */
  gateway: string | undefined;

  private constructor(
    readonly params: CliUserParams,
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly exited: Promise<void>,
  ) {}

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Starts the process on a profile that is registered already. */
  static start(params: CliUserParams): CliUser {
    const gateway = params.gateway === undefined ? [] : ['--gateway', params.gateway];
    const child = spawn(
      process.execPath,
      [program, '--profile', params.username, '--json', ...gateway, 'control'],
      { env: childEnvironment(params) },
    );
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const user = new CliUser(params, child, exited);
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => user.read(line));
    child.stderr.on('data', (chunk: Buffer) => (user.complaint = chunk.toString('utf8').trim()));
    child.stdin.on('error', () => undefined); // it ended; `exited` says so
    void exited.then(() => user.end());
    return user;
  }

  /** One command and its reply. @throws CliFailure when it is refused, or the process ends first */
  async ask(command: Told): Promise<Told> {
    if (this.ended) throw new CliFailure('failure', `${this.params.username} has ended: ${this.complaint}`);
    const id = this.nextId++;
    const reply = new Promise<Told>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.child.stdin.write(`${JSON.stringify({ ...command, id })}\n`);
    const timer = setTimeout(
      () =>
        this.waiting
          .get(id)
          ?.reject(new CliFailure('undelivered', `${this.params.username} did not answer in time`)),
      replyTimeoutMs,
    );
    try {
      return await reply;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  /** Ends in order. */
  async quit(): Promise<void> {
    this.child.stdin.end();
    await this.exited;
  }

  /** Ends as a crash or a power cut does. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private read(line: string): void {
    const told = JSON.parse(line) as Told;
    if (told['kind'] === 'connection' && told['connection'] === 'live')
      this.gateway = String(told['gateway']);
    const waiting = told['kind'] === 'reply' ? this.waiting.get(Number(told['id'])) : undefined;
    if (told['kind'] !== 'reply') this.params.onTold(told, performance.now());
    else if (told['ok'] === true) waiting?.resolve(told);
    else waiting?.reject(new CliFailure('refused', `${this.params.username}: ${String(told['error'])}`));
  }

  private end(): void {
    this.ended = true;
    for (const { reject } of this.waiting.values())
      reject(new CliFailure('failure', `${this.params.username} ended: ${this.complaint}`));
  }
}

/** Runs one command to its end. */
export async function runOnce(
  params: Omit<CliUserParams, 'onTold'>,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = spawn(
    process.execPath,
    [program, '--profile', params.username, '--json', '--server', params.server, ...args],
    { env: childEnvironment(params) },
  );
  child.stdin.end();
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const code = await new Promise<number>((resolve) =>
    child.once('close', (exitCode) => resolve(exitCode ?? exitCodes.failure.code)),
  );
  return { code, out, err };
}
