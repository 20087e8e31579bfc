/** What Docker says of a container, and the kernel of its processes. */
import { readFileSync } from 'node:fs';
import type { Docker } from '@cipherchat/images';

export type Container = {
  readonly Id: string;
  readonly RestartCount: number;
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean };
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;
  };
};

export async function containersOf(docker: Docker, project: string): Promise<readonly Container[]> {
  const ids = await docker.must([
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    `--filter=label=com.docker.compose.project=${project}`,
  ]);
  if (ids === '') return [];
  return JSON.parse(await docker.must(['inspect', ...ids.split('\n')])) as readonly Container[];
}

export function serviceOf({ Config }: Container): string {
  return Config.Labels['com.docker.compose.service'] ?? '';
}

export function isMigration(container: Container): boolean {
  return serviceOf(container).startsWith('migrations-');
}

/** It runs, and says that it is healthy where it can say so; of a migration: it has ended well. */
export function isUp(container: Container): boolean {
  const { Status, ExitCode, Health } = container.State;
  if (isMigration(container)) return Status === 'exited' && ExitCode === 0;
  return Status === 'running' && (Health === undefined || Health.Status === 'healthy');
}

export type KernelStatus = {
  readonly pid: number;
  /** Real, effective, saved, of files. */
  readonly users: readonly number[];
  /** Of any of the sets: inherited, permitted, effective, bounding, ambient. */
  readonly capabilities: bigint;
  readonly mayGainPrivileges: boolean;
};

/** Of each of its processes. */
export async function kernelStatusOf(
  docker: Docker,
  { Id }: Pick<Container, 'Id'>,
): Promise<readonly KernelStatus[]> {
  const listed = await docker.must(['top', Id, '-eo', 'pid']);
  return listed
    .split('\n')
    .slice(1)
    .map((line) => kernelStatus(Number(line)));
}

function kernelStatus(pid: number): KernelStatus {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(text)?.[1] ?? '';
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => BigInt(`0x${field(name)}`));
  return {
    pid,
    users: field('Uid').split(/\s+/).map(Number),
    capabilities: sets.reduce((all, set) => all | set, 0n),
    mayGainPrivileges: field('NoNewPrivs') !== '1',
  };
}
