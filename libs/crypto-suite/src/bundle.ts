/** Bundles sources of libs/crypto for worker processes. */
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './repository.js';

/** One entry point as a module for Node, written to `outfile`. */
export async function bundleForNode(params: {
  readonly entry: string;
  readonly outfile: string;
}): Promise<void> {
  await build({
    entryPoints: [path.join(root, params.entry)],
    outfile: params.outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    conditions: ['@cipherchat/source'],
    sourcemap: 'inline',
    logLevel: 'silent',
  });
}
