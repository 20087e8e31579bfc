/** `npm run images [-- NAME… --save FOLDER]`: builds the container images and measures them; see deploy/README.md. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  buildImages,
  connectDocker,
  images,
  lastLineOf,
  measureImages,
  saveImages,
  tableOf,
  takeSboms,
  type Image,
} from '@cipherchat/images';
import { ExplainedError } from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';
import { dockerDataDir, inRoot, root, versionOfProject } from '../repository.js';

await runCommand(async (args) => {
  const { wanted, saveTo } = optionsOf(args);
  const say = (line: string): void => console.log(line);
  const docker = await connectDocker({ dataDir: dockerDataDir, networks: 'none', say });
  try {
    const params = { docker, root, version: versionOfProject(), wanted, say };
    await buildImages(params);
    await takeSboms({ ...params, folder: inRoot('.cache/images/sbom') });
    if (saveTo !== undefined) await saveImages({ ...params, folder: path.resolve(saveTo) });
    const measured = await measureImages(params);
    for (const line of ['', ...tableOf(measured), '', lastLineOf(measured)]) say(line);
  } finally {
    await docker.stop();
  }
});

function optionsOf(args: readonly string[]): {
  readonly wanted: readonly Image[];
  readonly saveTo: string | undefined;
} {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { save: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !images.some((image) => image.name === name));
  if (unknown.length > 0)
    throw new ExplainedError(
      `There is no image ${unknown.join(', ')}; there are ${images.map(({ name }) => name).join(', ')}.`,
    );
  const wanted = positionals.length === 0 ? images : images.filter(({ name }) => positionals.includes(name));
  return { wanted, saveTo: values.save };
}
