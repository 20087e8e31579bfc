/** More pods soon, fewer late: each that ends makes its people reconnect. */
import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../manifest.js';
import { everyScenario, ofKind } from '../scenarios.fixture.js';

type Behaviour = {
  readonly scaleUp: { readonly stabilizationWindowSeconds: number };
  readonly scaleDown: {
    readonly stabilizationWindowSeconds: number;
    readonly policies: readonly {
      readonly type: string;
      readonly value: number;
      readonly periodSeconds: number;
    }[];
  };
};

/** A gateway drains in less; another must have begun to fill by then. */
const leastDownSeconds = 60;
const leastWindowSeconds = 300;

function behaviourOf({ kind, spec }: KubernetesObject): Behaviour {
  const found =
    kind === 'ScaledObject'
      ? (
          spec as {
            readonly advanced: { readonly horizontalPodAutoscalerConfig: { readonly behavior: Behaviour } };
          }
        ).advanced.horizontalPodAutoscalerConfig.behavior
      : (spec as { readonly behavior: Behaviour }).behavior;
  return found;
}

const scalers = everyScenario.flatMap((scenario) =>
  [...ofKind(scenario, 'HorizontalPodAutoscaler'), ...ofKind(scenario, 'ScaledObject')].map((scaler) => ({
    name: `${scenario.name}: ${scaler.metadata.name}`,
    scaler,
    scenario,
  })),
);

describe('autoscalers', () => {
  it.each(scalers)('$name goes down one by one, and not at once', ({ scaler }) => {
    const { scaleUp, scaleDown } = behaviourOf(scaler);
    expect(scaleDown.stabilizationWindowSeconds).toBeGreaterThanOrEqual(leastWindowSeconds);
    expect(scaleUp.stabilizationWindowSeconds).toBeLessThan(leastDownSeconds);
    for (const { type, value, periodSeconds } of scaleDown.policies) {
      expect([type, value]).toEqual(['Pods', 1]);
      expect(periodSeconds).toBeGreaterThanOrEqual(leastDownSeconds);
    }
  });

  it.each(scalers)('$name scales a deployment that says no number itself', ({ scaler, scenario }) => {
    const { scaleTargetRef } = scaler.spec as { readonly scaleTargetRef: { readonly name: string } };
    const target = ofKind(scenario, 'Deployment').find(
      ({ metadata }) => metadata.name === scaleTargetRef.name,
    );
    expect(target).toBeDefined();
    expect(target?.spec?.['replicas']).toBeUndefined();
  });

  it('are of every way that there is', () => {
    expect(scalers.some(({ scaler }) => scaler.kind === 'ScaledObject')).toBe(true);
    expect(scalers.some(({ scaler }) => JSON.stringify(scaler).includes('cipherchat_sockets_open'))).toBe(
      true,
    );
  });
});

describe('deployments', () => {
  it.each(everyScenario)('$name: have a number, or something that scales them', (scenario) => {
    const scaled = scalers
      .filter((each) => each.scenario === scenario)
      .map(
        ({ scaler }) =>
          (scaler.spec as { readonly scaleTargetRef: { readonly name: string } }).scaleTargetRef.name,
      );
    for (const { metadata, spec } of ofKind(scenario, 'Deployment'))
      expect([metadata.name, spec?.['replicas'] !== undefined]).toEqual([
        metadata.name,
        !scaled.includes(metadata.name),
      ]);
  });
});
