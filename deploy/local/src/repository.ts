import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A path inside the checkout. */
export function inRoot(...parts: readonly string[]): string {
  return path.join(root, ...parts);
}

/** Everything that `npm start` keeps: `npm run reset` removes it. */
export const dataDir = inRoot('.data');

export function inData(...parts: readonly string[]): string {
  return path.join(dataDir, ...parts);
}
