/** An image of a program of this machine, for tests where none can be pulled. */
import { chmodSync, cpSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { run, temporaryFolder } from '@cipherchat/test-kit';
import { writeArchive, type ImageSettings } from '../archive.js';

export type OwnImageSettings = Omit<ImageSettings, 'environment'> &
  Partial<Pick<ImageSettings, 'environment'>>;

/** `fill` puts the files of the image into a folder. Resolves to `archive`. */
export async function writeOwnImage(params: {
  readonly name: string;
  readonly settings: OwnImageSettings;
  readonly fill: (files: string) => Promise<void>;
  readonly archive: string;
}): Promise<string> {
  const { name, settings, fill, archive } = params;
  const scratch = temporaryFolder('own-image');
  try {
    const files = path.join(scratch.path, 'files');
    mkdirSync(path.join(files, 'tmp'), { recursive: true });
    chmodSync(path.join(files, 'tmp'), 0o1777);
    await fill(files);
    await writeArchive({
      name,
      settings: {
        ...settings,
        environment: { PATH: '/usr/local/bin:/usr/bin:/bin', ...settings.environment },
      },
      folder: files,
      scratch: path.join(scratch.path, 'archive'),
      archive,
    });
  } finally {
    scratch.remove();
  }
  return archive;
}

/** A program with the libraries that the loader finds for it, each where it lies here. */
export async function copyProgram(params: {
  readonly files: string;
  readonly from: string;
  readonly to: string;
}): Promise<void> {
  const { files, from, to } = params;
  copyFile({ files, from, to });
  const { stdout } = await run({ program: 'ldd', args: [from] });
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g))
    copyFile({ files, from: library, to: library });
}

function copyFile({
  files,
  from,
  to,
}: {
  readonly files: string;
  readonly from: string;
  readonly to: string;
}): void {
  const target = path.join(files, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(realpathSync(from), target);
}
