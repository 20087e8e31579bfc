/** The chart and its scenarios: where they are, and what Helm makes of them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@cipherchat/test-kit';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const chartFolder = path.join(root, 'charts/cipherchat');
const scenariosFolder = path.join(chartFolder, 'scenarios');

/** Supported versions of Kubernetes, each by the newest of it that there is a Go module of. The first is `kubeVersion` of Chart.yaml. */
export const kubernetesVersions = ['1.34.4', '1.35.4', '1.36.3', '1.37.2'] as const;
export const newestKubernetes = '1.37.2';

/** The names of the values files that come with the chart. */
export const scenarios: readonly string[] = readdirSync(scenariosFolder)
  .map((file) => path.basename(file, '.yaml'))
  .toSorted();

export function scenarioFile(scenario: string): string {
  return path.join(scenariosFolder, `${scenario}.yaml`);
}

export const release = { name: 'chat', namespace: 'messages' } as const;

export type HelmAnswer =
  | { readonly kind: 'rendered'; readonly manifests: string }
  | { readonly kind: 'refused'; readonly message: string };

/** `helm template`: what an installation would be, or why there is none. `kind: 'upgrade'` is one after another. */
export async function render(params: {
  readonly helm: string;
  readonly arguments: readonly string[];
  readonly kubernetes?: string;
  readonly kind?: 'install' | 'upgrade';
  readonly name?: string;
  /** Another chart than this checkout's. */
  readonly chart?: string;
}): Promise<HelmAnswer> {
  const { helm, kubernetes = newestKubernetes, kind = 'install' } = params;
  const { name = release.name, chart = chartFolder } = params;
  const { status, stdout, stderr } = await run({
    program: helm,
    args: [
      'template',
      name,
      chart,
      `--namespace=${release.namespace}`,
      `--kube-version=${kubernetes}`,
      ...(kind === 'upgrade' ? ['--is-upgrade'] : []),
      ...params.arguments,
    ],
  });
  return status === 0 ? { kind: 'rendered', manifests: stdout } : { kind: 'refused', message: stderr };
}
