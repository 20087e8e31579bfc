/** The command line as people use it: real processes of it, on a real system. Node only; for integration tests. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config.js';
import {
  startIsolatedSystem,
  temporaryFolder,
  type IsolatedSystem,
  type IsolatedSystemParams,
  type TemporaryFolder,
} from '@cipherchat/test-kit';

const program = fileURLToPath(new URL('../../bin/cipherchat.js', import.meta.url));
const pollMs = 20;
/** Long, since a busy machine is no failure. */
const deadlineMs = 90_000;

export type Finished = {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly json: readonly Json[];
};
export type Json = Readonly<Record<string, unknown>>;
export type RunOptions = {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly umask?: number;
};

export class CliWorld {
  private readonly running = new Set<ChildProcessWithoutNullStreams>();

  private constructor(
    readonly system: IsolatedSystem,
    readonly folder: TemporaryFolder,
  ) {}

  static async start(params: IsolatedSystemParams = {}): Promise<CliWorld> {
    const world = new CliWorld(await startIsolatedSystem(params), temporaryFolder('cli'));
    writeFileSync(world.runFile, JSON.stringify(world.runFileContent()));
    return world;
  }

  get runFile(): string {
    return path.join(this.folder.path, 'run.json');
  }

  get dataHome(): string {
    return path.join(this.folder.path, 'data');
  }

  /** Begins a command and leaves it running. */
  begin(args: readonly string[], options: RunOptions = {}): RunningCli {
    const env = {
      ...childEnvironment({ dataHome: this.dataHome }),
      CIPHERCHAT_RUN_FILE: this.runFile,
      ...options.env,
    };
    const child = spawn(process.execPath, [program, ...args], { env });
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    return new RunningCli(child);
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const cli = this.begin(args, options);
    cli.end(options.input ?? '');
    return cli.finished;
  }

  /** The same as this profile. */
  as(profile: string): (...args: readonly string[]) => Promise<Finished> {
    return (...args) => this.run(['--profile', profile, ...args]);
  }

  /** Listens as this profile until it was told what is waited for. Returns everything that was told. */
  async hear(
    profile: string,
    isSo: (told: readonly Json[]) => boolean,
    args: readonly string[] = [],
  ): Promise<readonly Json[]> {
    const listening = this.begin(['--profile', profile, '--json', 'listen', ...args]);
    try {
      await listening.until(`what ${profile} waits for`, ({ json }) => isSo(json));
    } finally {
      listening.signal('SIGINT');
      await listening.finished;
    }
    return listening.json;
  }

  async stop(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    await this.system.stop();
    this.folder.remove();
  }

  private runFileContent() {
    const { serverUrl, services, postgres } = this.system;
    const bootstrapTokenFile = path.join(this.folder.path, 'bootstrap-token');
    writeFileSync(bootstrapTokenFile, this.system.bootstrapToken, { mode: 0o600 });
    return { serverUrl, caFile: null, bootstrapTokenFile, services, servers: { postgres } };
  }
}

/** Whether somebody's text was told. */
export function heardText(told: readonly Json[], text: string): boolean {
  return told.some(({ kind, body }) => kind === 'message' && (body as Json)['text'] === text);
}

export class RunningCli {
  hasEnded = false;
  private out = '';
  private err = '';
  readonly finished: Promise<Finished>;

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    child.stdin.on('error', () => undefined); // it ended without reading everything
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.finished = new Promise((resolve) =>
      child.once('close', (code) => {
        this.hasEnded = true;
        resolve({ code, out: this.out, err: this.err, json: this.json });
      }),
    );
  }

  /** What it has printed so far, as the objects of `--json`. */
  get json(): readonly Json[] {
    return this.out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Json);
  }

  get printed(): string {
    return this.out + this.err;
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  end(input: string): void {
    this.child.stdin.end(input);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async until(what: string, isSo: (cli: RunningCli) => boolean): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (!isSo(this)) {
      if (performance.now() > deadline)
        throw new Error(
          `${what} did not happen within ${deadlineMs / 1_000} s; it printed:\n${this.printed}`,
        );
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
