/** Puts images on the node: archives of anybody's, and the three that the cluster itself runs, each of one built program. */
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { writeArchive } from '@cipherchat/images';
import { ExplainedError, temporaryFolder } from '@cipherchat/test-kit';
import { mustRun, type Namespaces } from './namespaces.js';
import { ownImage } from './settings.js';

const own = ['pause', 'coredns', 'metrics-server'] as const;

/** @throws ExplainedError without such a file, or with what containerd said */
export async function loadArchive(namespaces: Namespaces, archive: string): Promise<void> {
  if (!existsSync(archive)) throw new ExplainedError(`There is no ${archive}.`);
  const file = openSync(archive, 'r'); // it may lie where the node sees nothing of this machine
  try {
    await mustRun(namespaces, ['ctr', '--namespace=k8s.io', 'images', 'import', '-'], file);
  } finally {
    closeSync(file);
  }
}

export async function loadOwnImages(namespaces: Namespaces, built: string): Promise<void> {
  for (const name of own) {
    const scratch = temporaryFolder('node-image');
    try {
      const folder = path.join(scratch.path, 'files');
      mkdirSync(folder);
      copyFileSync(path.join(built, name), path.join(folder, name));
      const archive = path.join(scratch.path, 'image.tar');
      await writeArchive({
        name: ownImage(name),
        settings: { entrypoint: [`/${name}`], command: [], environment: {} },
        folder,
        scratch: path.join(scratch.path, 'archive'),
        archive,
      });
      await loadArchive(namespaces, archive);
    } finally {
      scratch.remove();
    }
  }
}
