/** An image of one layer, made of a folder, as the archive that `docker load`, `kind load` and containerd take. No Docker is needed. */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError, run } from '@cipherchat/test-kit';

/** What an image says of how it is started. */
export type ImageSettings = {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder?: string;
  /** `uid:gid`; root where nothing is said. */
  readonly user?: string;
  /** By which it ends in order. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT' | 'SIGQUIT';
};

/** Writes `archive` with the files of `folder` as its only layer; what it needs meanwhile is in `scratch`. */
export async function writeArchive(params: {
  readonly name: string;
  readonly settings: ImageSettings;
  readonly folder: string;
  readonly scratch: string;
  readonly archive: string;
}): Promise<void> {
  const { name, settings, folder, scratch, archive } = params;
  mkdirSync(scratch, { recursive: true });
  const layer = path.join(scratch, 'layer.tar');
  // Only root has files of others; for everybody else they are root's in the image.
  const owners = process.getuid?.() === 0 ? [] : ['--owner=0', '--group=0'];
  await tar([...owners, '--numeric-owner', '--sort=name', '-C', folder, '-cf', layer, '.']);
  const { entrypoint, command, environment, workingFolder, user, stopSignal } = settings;
  const configuration = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Entrypoint: entrypoint,
      Cmd: command,
      Env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
      WorkingDir: workingFolder,
      User: user,
      StopSignal: stopSignal,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${await digest(layer)}`] },
  });
  const file = `${createHash('sha256').update(configuration).digest('hex')}.json`;
  writeFileSync(path.join(scratch, file), configuration);
  const manifest = [{ Config: file, RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(path.join(scratch, 'manifest.json'), JSON.stringify(manifest));
  await tar(['-C', scratch, '-cf', archive, 'manifest.json', file, 'layer.tar']);
}

async function tar(args: readonly string[]): Promise<void> {
  const { status, stderr } = await run({ program: 'tar', args });
  if (status !== 0) throw new ExplainedError(`tar failed: ${stderr.trim()}`);
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
