import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A file's path from the root of the repository, as the tables of this package write it. */
export function repositoryPath(/** @type {string} */ file) {
  return path.relative(root, file).split(path.sep).join('/');
}
