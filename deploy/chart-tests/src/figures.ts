import { kubernetesVersions } from './chart.js';
import { containersOf } from './manifest.js';
import { renderedScenarios } from './rendered.js';

/** What the specs looked at, in one line. */
export async function chartFigures(): Promise<string> {
  const rendered = await renderedScenarios();
  const scenarios = new Set(rendered.map(({ scenario }) => scenario)).size;
  const objects = rendered.flatMap((each) => each.objects);
  const pods = rendered.flatMap((each) => each.pods);
  return [
    `${scenarios} scenarios, installed and upgraded`,
    `${objects.length} objects (${new Set(objects.map(({ kind }) => kind)).size} kinds)`,
    `${pods.length} pods with ${pods.flatMap(containersOf).length} containers`,
    `Kubernetes ${kubernetesVersions.map((version) => version.replace(/\.\d+$/, '')).join(', ')}`,
  ].join('; ');
}
