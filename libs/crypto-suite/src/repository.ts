import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

export const mlsWasm = path.join(root, 'libs/mls-wasm/pkg/mls.wasm');
/** Files that specs read, by the name under which a page gets them. */
export const filesOfSpecs: ReadonlyMap<string, string> = new Map([
  ['mls.wasm', mlsWasm],
  ['vectors.wasm', path.join(root, 'libs/mls-wasm/vectors/pkg/vectors.wasm')],
  ['passive-client.json.gz', path.join(root, 'libs/crypto/official-vectors/passive-client.json.gz')],
]);

const cryptoSources = 'libs/crypto/src';

/** All specs of libs/crypto, as paths in the repository. */
export function cryptoSpecs(): readonly string[] {
  return readdirSync(path.join(root, cryptoSources), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.spec.ts') && !file.endsWith('.integration.spec.ts'))
    .map((file) => path.posix.join(cryptoSources, file.split(path.sep).join('/')))
    .sort();
}
