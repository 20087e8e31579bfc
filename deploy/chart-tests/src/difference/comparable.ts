/** A manifest as it is compared between two versions of the chart: without what is random, or changes with everything. */
import { stringify } from 'yaml';
import { parseManifests, type KubernetesObject } from '../manifest.js';

export type ComparableFile = { readonly file: string; readonly text: string };

/** One file an object, so that what has moved within Helm's output is no difference. */
export function comparableFiles(manifests: string): readonly ComparableFile[] {
  return parseManifests(manifests)
    .map((object) => ({
      file: `${object.kind}-${object.metadata.name}.yaml`,
      text: stringify(withoutRandom(object), { sortMapEntries: true, lineWidth: 0 }),
    }))
    .toSorted((one, other) => one.file.localeCompare(other.file));
}

/** Passwords, keys and certificates are made anew by each rendering outside of a cluster. */
function withoutRandom(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.stringData === undefined) return object;
  const keys = Object.keys(object.stringData).map((key) => [key, '(made once)'] as const);
  return { ...object, stringData: Object.fromEntries(keys) };
}
