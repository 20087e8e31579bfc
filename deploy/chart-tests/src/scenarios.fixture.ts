/** For the invariants: each is one file, and holds for every scenario, installed and upgraded. */
import { containersOf, nameOf, type Container, type KubernetesObject, type Pod } from './manifest.js';
import { renderedScenarios, type RenderedScenario } from './rendered.js';

/** With a name for the test that it becomes a part of. */
export type Named<Value> = Value & { readonly name: string };

const rendered = await renderedScenarios();

export const everyScenario: readonly Named<RenderedScenario>[] = rendered.map((each) => ({
  ...each,
  name: `${each.scenario}, ${each.kind}`,
}));

export const everyPod: readonly Named<{ readonly pod: Pod; readonly scenario: RenderedScenario }>[] =
  everyScenario.flatMap((scenario) =>
    scenario.pods.map((pod) => ({ name: `${scenario.name}: ${nameOf(pod.of)}`, pod, scenario })),
  );

export const everyContainer: readonly Named<{
  readonly container: Container;
  readonly pod: Pod;
  readonly scenario: RenderedScenario;
}>[] = everyPod.flatMap(({ name, pod, scenario }) =>
  containersOf(pod).map((container) => ({ name: `${name} ${container.name}`, container, pod, scenario })),
);

export const servingPods = everyPod.filter(({ pod }) => pod.life === 'serves');

export function ofKind(
  { objects }: { readonly objects: readonly KubernetesObject[] },
  kind: string,
): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

/** What a pod is in this chart: `app.kubernetes.io/component`. */
export function componentOf(labels: Readonly<Record<string, string>>): string {
  return labels['app.kubernetes.io/component'] ?? '';
}

export function isHook({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.['helm.sh/hook'] !== undefined;
}
