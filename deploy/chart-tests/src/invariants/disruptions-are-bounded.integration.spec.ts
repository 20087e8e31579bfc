/** A node that is emptied takes pods one after the other, and can be emptied. */
import { describe, expect, it } from '@jest/globals';
import { selects, type Selector } from '../manifest.js';
import { everyScenario, ofKind, servingPods } from '../scenarios.fixture.js';

type Budget = { readonly maxUnavailable: number; readonly selector: Selector };

describe('disruption budgets', () => {
  it.each(servingPods)('$name have one', ({ pod, scenario }) => {
    const budgets = ofKind(scenario, 'PodDisruptionBudget').map(({ spec }) => spec as unknown as Budget);
    const own = budgets.filter(({ selector }) => selects(selector, pod.labels));
    expect(own).toHaveLength(1);
    const [{ maxUnavailable }] = own as [Budget];
    expect(maxUnavailable).toBeGreaterThanOrEqual(1);
    const { replicas } = pod.of.spec as { readonly replicas?: number };
    if (replicas !== undefined && replicas > 1) expect(maxUnavailable).toBeLessThan(replicas);
  });

  it.each(everyScenario)('$name: none is for pods that are not there', (scenario) => {
    for (const { spec } of ofKind(scenario, 'PodDisruptionBudget')) {
      const { selector } = spec as unknown as Budget;
      expect(scenario.pods.filter(({ labels }) => selects(selector, labels))).toHaveLength(1);
    }
  });
});

describe('rollouts', () => {
  it.each(
    servingPods.filter(({ pod }) => pod.of.kind === 'Deployment' && !pod.of.metadata.name.endsWith('-probe')),
  )('$name begin one more before one ends', ({ pod }) => {
    expect(pod.of.spec).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });
});
