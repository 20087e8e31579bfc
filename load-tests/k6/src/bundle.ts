/** The generator as one file of plain JavaScript, which is all that k6 reads. */
import path from 'node:path';
import { build } from 'esbuild';

/** From `dist/`; the sources of our packages are bundled, not their builds. */
const entry = path.join(import.meta.dirname, '../src/generator/main.ts');

/** @throws Error when it does not build, or uses what only Node has */
export async function bundleGenerator(outFile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile: outFile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    conditions: ['@cipherchat/source'],
    external: ['k6', 'k6/*'],
    // An engine without a just-in-time compiler parses this once for each VU.
    minify: true,
    logLevel: 'silent',
  });
}
