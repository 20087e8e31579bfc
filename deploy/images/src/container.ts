/** Containers as a careful operator runs them: no root, nothing to write to but /tmp, no capability. */
import { ExplainedError, type Finished } from '@cipherchat/test-kit';
import type { Docker } from './docker.js';

export type ContainerParams = {
  readonly docker: Docker;
  readonly tag: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Folders of this machine, by where they are mounted. */
  readonly mounts?: Readonly<Record<string, string>>;
};

const readyTimeoutMs = 60_000;
const pollMs = 5;

/** Runs it to its end. */
export function runContainer(params: ContainerParams): Promise<Finished> {
  return params.docker.run(['run', '--rm', ...optionsOf(params)]);
}

export type Started = {
  /** From the start of the container until it was ready. */
  readonly startMs: number;
  /** Ends it and removes it. */
  readonly remove: () => Promise<void>;
};

/** @throws ExplainedError with its log when it does not get ready */
export async function startContainer(
  params: ContainerParams & { readonly isReady: () => Promise<boolean> },
): Promise<Started> {
  const { docker, isReady } = params;
  const container = await docker.must(['create', ...optionsOf(params)]);
  const remove = async (): Promise<void> => void (await docker.run(['rm', '--force', container]));
  try {
    const startedAt = performance.now();
    await docker.must(['start', container]);
    while (!(await isReady())) {
      if (performance.now() - startedAt > readyTimeoutMs) {
        const { stdout, stderr } = await docker.run(['logs', '--tail=20', container]);
        throw new ExplainedError(`${params.tag} did not get ready:\n${stdout}${stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return { startMs: performance.now() - startedAt, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** How long it takes until it is ready; it is removed then. */
export async function startupOf(
  params: ContainerParams & { readonly isReady: () => Promise<boolean> },
): Promise<number> {
  const { startMs, remove } = await startContainer(params);
  await remove();
  return startMs;
}

/** The port is of this machine: containers share its network. */
export async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(2_000),
      headers: { connection: 'close' },
    });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false; // it does not listen yet
  }
}

function optionsOf({ tag, environment = {}, args = [], mounts = {} }: ContainerParams): readonly string[] {
  return [
    '--network=host',
    '--read-only',
    '--tmpfs=/tmp',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...Object.entries(mounts).map(([at, folder]) => `--volume=${folder}:${at}:ro`),
    tag,
    ...args,
  ];
}
