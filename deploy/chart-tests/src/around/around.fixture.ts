/** What k8s/ holds around the chart, and the chart as its Argo CD application installs it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { helmProgram } from '@cipherchat/test-kit';
import { render, root } from '../chart.js';
import { parseManifests, podsOf, type KubernetesObject, type Pod } from '../manifest.js';

export const aroundFolder = path.join(root, 'k8s');

/** Not manifests: values of the chart, and what kind reads. */
const others = ['values.yaml', 'local'];

export type AroundFile = { readonly file: string; readonly objects: readonly KubernetesObject[] };

export const aroundFiles: readonly AroundFile[] = readdirSync(aroundFolder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.yaml') && !others.includes(file.split(path.sep)[0] ?? ''))
  .toSorted()
  .map((file) => ({ file, objects: parseManifests(readFileSync(path.join(aroundFolder, file), 'utf8')) }));

export const around: readonly KubernetesObject[] = aroundFiles.flatMap(({ objects }) => objects);

export function allOf(kind: string, namespace?: string): readonly KubernetesObject[] {
  return around.filter(
    (each) => each.kind === kind && (namespace === undefined || each.metadata.namespace === namespace),
  );
}

export function theOnlyIn(file: string, kind: string): KubernetesObject {
  const [found] = aroundFiles
    .filter((each) => each.file === path.normalize(file))
    .flatMap(({ objects }) => objects.filter((object) => object.kind === kind));
  if (found === undefined) throw new Error(`no ${kind} in ${file}`);
  return found;
}

export function theOnly(kind: string, name: string): KubernetesObject {
  const [found, ...more] = around.filter((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} of ${kind} ${name}`);
  return found;
}

export type Source = {
  readonly chart?: string;
  readonly ref?: string;
  readonly targetRevision: string;
  readonly helm?: { readonly releaseName: string; readonly valueFiles: readonly string[] };
};

export const application = theOnly('Application', 'cipherchat').spec as unknown as {
  readonly destination: { readonly namespace: string };
  readonly sources: readonly Source[];
};

/** The files of values that the application names, in this repository. */
export const applicationValues: readonly string[] = application.sources.flatMap(({ helm }) =>
  (helm?.valueFiles ?? []).map((file) => file.replace(/^\$values\//, '')),
);

export type Installed = { readonly objects: readonly KubernetesObject[]; readonly pods: readonly Pod[] };

/** Of these values files, in this order. */
export async function installed(files: readonly string[]): Promise<Installed> {
  const helm = await helmProgram({ major: 3, say: () => {} });
  const answer = await render({
    helm,
    arguments: [
      `--namespace=${application.destination.namespace}`,
      ...files.map((file) => `--values=${path.join(root, file)}`),
    ],
  });
  if (answer.kind === 'refused') throw new Error(answer.message);
  const objects = parseManifests(answer.manifests);
  return { objects, pods: podsOf(objects) };
}

/** The Secrets and keys that pods, and what is in front of them, take. */
export function secretsTaken({ objects, pods }: Installed): ReadonlyMap<string, ReadonlySet<string>> {
  const text = JSON.stringify([
    pods.map(({ spec }) => spec),
    objects.filter(({ kind }) => kind === 'Ingress'),
  ]);
  const taken = new Map<string, Set<string>>();
  for (const [, name = '', key] of [
    ...text.matchAll(/"secret":\{"name":"([^"]+)","items":\[\{"key":"([^"]+)"/g),
    ...text.matchAll(/"secretKeyRef":\{"name":"([^"]+)","key":"([^"]+)"/g),
    ...text.matchAll(/"secretName":"([^"]+)"/g),
  ]) {
    const keys = taken.get(name) ?? new Set();
    if (key !== undefined) keys.add(key);
    taken.set(name, keys);
  }
  return taken;
}
