/**
 * Images of this checkout as archives, without Docker: `assemble` runs here, on what is installed and built here, with this
 * machine's Node and nginx. They are for a cluster on this machine; what is released comes of the Dockerfile.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ExplainedError,
  k6Program,
  nginxProgram,
  run,
  temporaryFolder,
  type Say,
} from '@cipherchat/test-kit';
import { writeArchive } from './archive.js';
import { finalStageOf } from './final-stage.js';
import { dockerfile, tagOf, type Image } from './image-list.js';

export type PackParams = {
  /** Built, the web app too. */
  readonly root: string;
  readonly version: string;
  readonly wanted: readonly Image[];
  /** Gets NAME.tar of each. */
  readonly folder: string;
  readonly say: Say;
};

/** @throws ExplainedError with what `assemble` said */
export async function packImages({ root, version, wanted, folder, say }: PackParams): Promise<void> {
  const text = readFileSync(path.join(root, dockerfile), 'utf8');
  const programs: Readonly<Record<string, string>> = {
    '/usr/local/bin/node': process.execPath,
    '/usr/sbin/nginx': await nginxProgram(say),
    ...(wanted.some(({ name }) => name === 'k6') ? await prepareK6({ root, say }) : {}),
  };
  mkdirSync(folder, { recursive: true });
  for (const image of wanted) {
    const scratch = temporaryFolder('image');
    try {
      const files = path.join(scratch.path, 'files');
      const { settings, assembleArguments } = finalStageOf(text, image);
      const args = assembleArguments.map((word) => (word in programs ? `${word}=${programs[word]}` : word));
      await assemble({ root, args: [...args, '--out', files] });
      await writeArchive({
        name: tagOf(image.name, version),
        settings,
        folder: files,
        scratch: path.join(scratch.path, 'archive'),
        archive: path.join(folder, `${image.name}.tar`),
      });
    } finally {
      scratch.remove();
    }
  }
}

/** Its program, and the bundle that the image takes along. */
async function prepareK6({ root, say }: Pick<PackParams, 'root' | 'say'>) {
  const folder = path.join(root, 'load-tests/k6/dist');
  const args = ['write-bundle.js', 'generator.js'].map((file) => path.join(folder, file));
  const { status, stderr } = await run({ program: process.execPath, args, cwd: root });
  if (status !== 0) throw new ExplainedError(`The program for k6 could not be bundled:\n${stderr.trim()}`);
  return { '/usr/local/bin/k6': await k6Program(say) };
}

async function assemble({ root, args }: { readonly root: string; readonly args: readonly string[] }) {
  const program = fileURLToPath(new URL('../dist/assemble.js', import.meta.url));
  const { status, stderr } = await run({ program: process.execPath, args: [program, ...args], cwd: root });
  if (status !== 0) throw new ExplainedError(`An image could not be assembled:\n${stderr.trim()}`);
}
