import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './chart.js';

/** What `npm run build:chart` does: a chart in a fresh checkout lacks what comes from deploy/. */
export async function linkSources(): Promise<void> {
  await import(pathToFileURL(path.join(root, 'charts/link-sources.mjs')).href);
}
