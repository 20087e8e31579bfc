/** The stores that a test runs: upstream's images, else those made of this machine's programs. */
import { createReadStream } from 'node:fs';
import { temporaryFolder, type Say } from '@cipherchat/test-kit';
import { canHave } from '../build-images.js';
import type { Docker } from '../docker.js';
import { writeStoreImages } from './store-images.js';

/** @throws ExplainedError when a program is missing */
export async function haveStoreImages(params: {
  readonly docker: Docker;
  readonly upstream: readonly string[];
  readonly say: Say;
}): Promise<'upstream' | 'own'> {
  const { docker, upstream, say } = params;
  const missing: string[] = [];
  for (const image of upstream) if (!(await canHave(docker, image))) missing.push(image);
  if (missing.length === 0) return 'upstream';
  say(`Docker cannot get ${missing.join(', ')}: Postgres, NATS and Redis are those of this machine.`);
  const folder = temporaryFolder('store-images');
  try {
    for (const archive of await writeStoreImages({ folder: folder.path, say }))
      await docker.feed(['load'], createReadStream(archive));
  } finally {
    folder.remove();
  }
  return 'own';
}
