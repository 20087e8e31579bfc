/** Whether it has started, may be sent something, and is alive: all three, and liveness never looks at anything else. */
import { describe, expect, it } from '@jest/globals';
import { servingPods } from '../scenarios.fixture.js';

type Probe = {
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
  readonly httpGet?: { readonly path: string; readonly port: string | number };
};

const leastToStartSeconds = 30;

describe('pods that serve', () => {
  it.each(servingPods)('$name are asked whether they started, are ready, and live', ({ pod }) => {
    for (const container of pod.spec.containers) {
      const start = container.startupProbe as Probe;
      expect(start.periodSeconds * (start.failureThreshold ?? 3)).toBeGreaterThanOrEqual(leastToStartSeconds);
      expect(container.readinessProbe).toMatchObject({ periodSeconds: expect.any(Number) });
      const live = container.livenessProbe as Probe;
      expect(live).toMatchObject({ failureThreshold: expect.any(Number) });
      expect(live.httpGet?.path).not.toBe('/healthz/ready');
    }
  });

  it.each(servingPods)('$name are asked at a port that they have', ({ pod }) => {
    for (const container of pod.spec.containers)
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
        const port = (probe as Probe).httpGet?.port;
        const ports = (container.ports ?? []).flatMap(({ name, containerPort }) => [name, containerPort]);
        // The bundled NATS answers for itself at its monitoring port, which nobody else may reach.
        if (port !== undefined && port !== 8222) expect(ports).toContain(port);
      }
  });
});
