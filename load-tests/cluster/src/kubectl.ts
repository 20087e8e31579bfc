/** `kubectl` and `helm` on the current kubeconfig, in one namespace. What they answer is parsed here and nowhere else. */
import { spawn } from 'node:child_process';
import { ExplainedError, findProgram, inheritedEnvironment } from '@cipherchat/test-kit';

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

export type RunParams = {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string;
};

/** Runs to the end, with what it is to read. */
export function runWithInput({ program, args, input }: RunParams): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'pipe', env: inheritedEnvironment() });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', (error) => resolve({ status: null, stdout, stderr: error.message }));
    child.once('close', (status) => resolve({ status, stdout, stderr }));
    child.stdin.on('error', () => {}); // it ended without reading
    child.stdin.end(input);
  });
}

export class Kubectl {
  private constructor(
    private readonly program: string,
    readonly namespace: string,
  ) {}

  /** @throws ExplainedError without kubectl */
  static in(namespace: string): Kubectl {
    const program = findProgram('kubectl');
    if (program === undefined) throw new ExplainedError('kubectl is missing.');
    return new Kubectl(program, namespace);
  }

  try(args: readonly string[], input?: string): Promise<Ran> {
    return runWithInput({
      program: this.program,
      args: [`--namespace=${this.namespace}`, ...args],
      ...(input === undefined ? {} : { input }),
    });
  }

  /** @throws Error with what kubectl said when it does not succeed */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { status, stdout, stderr } = await this.try(args, input);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
    return stdout;
  }

  async get<Answer>(args: readonly string[]): Promise<Answer> {
    return JSON.parse(await this.run(['get', ...args, '--output=json'])) as Answer;
  }

  apply(objects: readonly unknown[]): Promise<string> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    return this.run(['apply', '--filename=-'], JSON.stringify(list));
  }
}
