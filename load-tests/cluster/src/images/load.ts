/** Puts archives of images on the node. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError, run } from '@cipherchat/test-kit';

/** The archives that `npm run images -- --save FOLDER` made. */
export function archivesIn(folder: string): readonly string[] {
  const archives = readdirSync(folder).filter((file) => file.endsWith('.tar'));
  if (archives.length === 0)
    throw new ExplainedError(`${folder} has no archives of images: npm run images -- --save ${folder}`);
  return archives.toSorted().map((file) => path.join(folder, file));
}

/** @throws ExplainedError when the command does not succeed with one */
export async function loadArchives(params: {
  readonly command: readonly string[];
  readonly archives: readonly string[];
}): Promise<void> {
  const [program = '', ...args] = params.command;
  for (const archive of params.archives) {
    const { status, stderr } = await run({ program, args: [...args, archive] });
    if (status !== 0)
      throw new ExplainedError(`${path.basename(archive)} could not be loaded: ${stderr.trim()}`);
  }
}
