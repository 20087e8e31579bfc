import { testFiles } from './file-sets.js';
import { layers } from './layers.js';

/** Product code gets the layer; its tests, in a later entry, the same layer with what tests may use besides. */
export const layerConfig = layers.flatMap(({ folder, may, testsMay = [], whenNot }) => [
  {
    name: `cipherchat/layers/${folder}`,
    files: [`${folder}/**`],
    rules: { 'cipherchat/layers': ['error', { folder, may, whenNot }] },
  },
  {
    name: `cipherchat/layers/${folder}/tests`,
    files: testFiles.map((glob) => within(folder, glob)).filter((glob) => glob !== null),
    rules: { 'cipherchat/layers': ['error', { folder, may: [...may, ...testsMay], whenNot }] },
  },
]);

/**
 * A glob of test files, for one folder only; null where the two do not meet.
 *
 * @param {string} folder
 * @param {string} glob
 */
function within(folder, glob) {
  if (glob.startsWith('**/')) return `${folder}/${glob}`;
  return glob.startsWith(`${folder}/`) ? glob : null;
}
