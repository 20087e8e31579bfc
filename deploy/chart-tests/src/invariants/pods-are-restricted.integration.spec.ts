/** The Pod Security Standard `restricted`, and more: nobody is root, nothing is written but to bounded temporary folders, no token. */
import { describe, expect, it } from '@jest/globals';
import { everyContainer, everyPod, everyScenario, ofKind } from '../scenarios.fixture.js';

describe('pods', () => {
  it.each(everyPod)('$name runs as nobody in particular, without a token of the cluster', ({ pod }) => {
    const { spec } = pod;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: expect.any(Number),
      runAsGroup: expect.any(Number),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.securityContext?.['runAsUser']).toBeGreaterThan(0);
    expect(spec.automountServiceAccountToken).toBe(false);
    expect([spec.hostNetwork, spec.hostPID, spec.hostIPC]).toEqual([undefined, undefined, undefined]);
  });

  it.each(everyPod)('$name writes to no folder of the node, and to none without a bound', ({ pod }) => {
    for (const { name, emptyDir, hostPath } of pod.spec.volumes ?? []) {
      expect([name, hostPath]).toEqual([name, undefined]);
      if (emptyDir !== undefined) expect([name, emptyDir]).toEqual([name, { sizeLimit: expect.any(String) }]);
    }
  });

  it.each(everyContainer)(
    '$name can get no more rights than it has, and changes nothing of its image',
    ({ container }) => {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    },
  );
});

describe('service accounts', () => {
  it.each(everyScenario)('$name: every pod has its own, and none has a token', (scenario) => {
    const accounts = ofKind(scenario, 'ServiceAccount');
    for (const account of accounts) expect(account.automountServiceAccountToken).toBe(false);
    const known = accounts.map(({ metadata }) => metadata.name);
    const used = scenario.pods.map(({ spec }) => spec.serviceAccountName);
    expect([...new Set(used)].toSorted()).toEqual(known.toSorted());
  });
});
