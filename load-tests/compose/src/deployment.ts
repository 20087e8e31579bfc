/** deploy/compose.yaml, brought up as deploy/README.md tells a stranger, with a name, a port and a network of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeImages, type Docker } from '@cipherchat/images';
import { composeCommand, ExplainedError, inheritedEnvironment, run, type Say } from '@cipherchat/test-kit';
import { containersOf, isMigration, isUp, serviceOf, type Container } from './container.js';
import { answers } from './edge.js';

const project = 'cipherchat-test';
const subnet = '10.77.8.0/24';
const root = fileURLToPath(new URL('../../../', import.meta.url));
const upWithinMs = 240_000;
const pollMs = 100;
const tailLines = 20;

export type DeploymentParams = {
  readonly docker: Docker;
  readonly folder: string;
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly authorityFile: string;
  readonly stores: 'own' | 'upstream';
  readonly interrupted: AbortSignal;
  readonly say: Say;
};

export class Deployment {
  readonly url: string;
  readonly written: string;

  private constructor(
    readonly params: DeploymentParams,
    private readonly command: readonly [program: string, ...args: string[]],
  ) {
    this.url = `https://localhost:${params.port}`;
    this.written = path.join(params.folder, 'written');
  }

  /** Writes what deploy/compose.yaml reads, and takes away what a run before left. */
  static async prepare(params: DeploymentParams): Promise<Deployment> {
    const { docker, say } = params;
    const [program, ...prefix] = await composeCommand({ docker: docker.program, say });
    const deployment = new Deployment(params, [program, ...prefix]);
    await deployment.write();
    await deployment.remove();
    return deployment;
  }

  /** `npm run compose`, with open registration. */
  async write(): Promise<void> {
    const { certFile, keyFile, interrupted: signal } = this.params;
    const options = { url: this.url, cert: certFile, key: keyFile, registration: 'open', subnet };
    const { status, stderr } = await run({
      program: process.execPath,
      args: [
        path.join(root, 'deploy/local/run.mjs'),
        'compose',
        `--folder=${this.written}`,
        ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ],
      signal,
    });
    if (status !== 0) throw new ExplainedError(`npm run compose failed: ${stderr.trim()}`);
    const services = Object.entries(storeImages).map(([store, image]) => [store, { image }]);
    // JSON is YAML, too.
    writeFileSync(this.storesFile, JSON.stringify({ services: Object.fromEntries(services) }));
  }

  /** `shell`: what stands behind it on the line of a shell, like `> file`. @throws Error with what Compose said when it does not succeed */
  async compose(args: readonly string[], shell = ''): Promise<string> {
    const { docker, stores, interrupted: signal } = this.params;
    const [program, ...prefix] = this.command;
    const read = [path.join(root, 'deploy/compose.yaml'), ...(stores === 'own' ? [this.storesFile] : [])];
    const { status, stdout, stderr } = await run({
      program: 'sh',
      args: [
        '-c',
        `exec "$@" ${shell}`,
        'sh',
        program,
        ...prefix,
        `--project-name=${project}`,
        ...read.map((file) => `--file=${file}`),
        `--env-file=${this.environmentFile}`,
        '--progress=plain',
        ...args,
      ],
      env: inheritedEnvironment({ DOCKER_HOST: docker.environment['DOCKER_HOST'] ?? '' }),
      // Taking everything away must go on.
      ...(args[0] === 'down' ? {} : { signal }),
    });
    if (status !== 0) throw new Error(`docker compose ${args.join(' ')}: ${tail(stderr)}`);
    return stdout;
  }

  /** Brings up what is not, and waits until everything serves. @returns how long that took, in ms */
  async up(): Promise<number> {
    const startedAtMs = performance.now();
    await this.compose(['up', '--detach']);
    await this.served();
    return performance.now() - startedAtMs;
  }

  /** All containers are up, and the public address leads to auth. @throws Error with what is not, and its log */
  async served(): Promise<void> {
    const deadlineMs = performance.now() + upWithinMs;
    for (;;) {
      const containers = await this.containers();
      const waiting = containers.filter((container) => !isUp(container));
      if (waiting.length === 0 && containers.length > 0 && (await answers(this.params))) return;
      this.params.interrupted.throwIfAborted();
      if (performance.now() > deadlineMs) {
        const names = waiting.map(serviceOf);
        const log = names.length === 0 ? '' : await this.compose(['logs', '--tail=10', ...names]);
        throw new Error(`not up in time: ${names.join(', ') || 'the public address'}\n${tail(log)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  containers(): Promise<readonly Container[]> {
    return containersOf(this.params.docker, project);
  }

  /** Those that are there to stay. */
  async running(): Promise<readonly Container[]> {
    return (await this.containers()).filter((container) => !isMigration(container));
  }

  /** From the next `up` on, our images are those of another version. */
  takeVersion(version: string): void {
    const text = readFileSync(this.environmentFile, 'utf8');
    writeFileSync(
      this.environmentFile,
      text.replace(/^CIPHERCHAT_VERSION=.*$/m, `CIPHERCHAT_VERSION=${version}`),
    );
  }

  get version(): string {
    return /^CIPHERCHAT_VERSION=(.*)$/m.exec(readFileSync(this.environmentFile, 'utf8'))?.[1] ?? '';
  }

  /** With its data. */
  async remove(): Promise<void> {
    await this.compose(['down', '--volumes', '--remove-orphans', '--timeout=1']);
  }

  private get environmentFile(): string {
    return path.join(this.written, 'environment');
  }

  private get storesFile(): string {
    return path.join(this.params.folder, 'stores.yaml');
  }
}

function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-tailLines).join('\n');
}
