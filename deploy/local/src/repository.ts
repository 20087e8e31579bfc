import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '@cipherchat/test-kit';

/** The root of this checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A path inside the checkout. */
export function inRoot(...parts: readonly string[]): string {
  return path.join(root, ...parts);
}

/** Of a Docker daemon that we start: images, layers that were built before, volumes. */
export const dockerDataDir = inRoot('.cache/images/docker');

/** Everything that `npm start` keeps: `npm run reset` removes it. Elsewhere by CIPHERCHAT_DATA_DIR: tests start a second system. */
export const dataDir = inheritedEnvironment()['CIPHERCHAT_DATA_DIR'] ?? inRoot('.data');

export function inData(...parts: readonly string[]): string {
  return path.join(dataDir, ...parts);
}

/** Of package.json: images are tagged with it. */
export function versionOfProject(): string {
  return (JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { readonly version: string }).version;
}
