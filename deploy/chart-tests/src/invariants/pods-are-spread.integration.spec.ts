/** A node or a zone that is lost takes no more than its part of any component. */
import { describe, expect, it } from '@jest/globals';
import { selects } from '../manifest.js';
import { everyPod, servingPods } from '../scenarios.fixture.js';

describe('pods that serve', () => {
  it.each(servingPods)('$name are spread over nodes and zones, among their like', ({ pod, scenario }) => {
    const constraints = pod.spec.topologySpreadConstraints ?? [];
    expect(constraints.map(({ topologyKey }) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const { labelSelector } of constraints) {
      const selected = scenario.pods.filter(({ labels }) => selects(labelSelector, labels));
      expect(selected).toEqual([pod]);
    }
  });

  it.each(servingPods)('$name have a priority that is there', ({ pod, scenario }) => {
    const { priorityClassName } = pod.spec;
    const made = scenario.objects.filter(({ kind }) => kind === 'PriorityClass');
    expect(priorityClassName).toBe(made[0]?.metadata.name ?? 'business-critical');
  });
});

describe('pods that end', () => {
  it.each(everyPod.filter(({ pod }) => pod.life === 'ends'))('$name end in time', ({ pod }) => {
    const { activeDeadlineSeconds } = pod.of.spec as { readonly activeDeadlineSeconds?: number };
    expect(activeDeadlineSeconds).toBeGreaterThan(0);
  });
});
