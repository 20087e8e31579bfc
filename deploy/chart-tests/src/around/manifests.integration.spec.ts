/** Every manifest around the chart is one that Kubernetes and its extensions take, and its pods are as closed as the chart's. */
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { kubeconformProgram } from '@cipherchat/test-kit';
import { kubernetesVersions } from '../chart.js';
import { checkManifests } from '../kubeconform.js';
import { containersOf, nameOf, podsOf } from '../manifest.js';
import { writeSchemas } from '../schemas/schema-folder.js';
import { allOf, around, aroundFiles, aroundFolder } from './around.fixture.js';

/** Of others: whoever installs these makes them. */
const namespacesOfOthers = ['cert-manager', 'argocd'];

let kubeconform: string;
beforeAll(async () => {
  await writeSchemas(() => {});
  kubeconform = await kubeconformProgram(() => {});
});

describe.each(kubernetesVersions)('Kubernetes %s', (kubernetes) => {
  it.each(aroundFiles)('takes $file', async ({ file, objects }) => {
    expect(await checkManifests({ kubeconform, file: path.join(aroundFolder, file), kubernetes })).toEqual({
      resources: [],
      summary: { valid: objects.length, invalid: 0, errors: 0, skipped: 0 },
    });
    expect(objects.length).toBeGreaterThan(0);
  });
});

describe('namespaces', () => {
  const own = allOf('Namespace').map(({ metadata }) => metadata.name);

  it('are all made here, but those of others', () => {
    const used = around.flatMap(({ metadata }) => metadata.namespace ?? []);
    expect([...new Set(used)].filter((name) => !namespacesOfOthers.includes(name)).toSorted()).toEqual(
      own.toSorted(),
    );
  });

  it.each(own)('%s: is restricted, and closed', (name) => {
    const [namespace] = allOf('Namespace').filter(({ metadata }) => metadata.name === name);
    expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    const closed = allOf('NetworkPolicy', name).find(({ metadata }) => metadata.name === 'default-deny');
    expect(closed?.spec).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(closed?.spec).not.toHaveProperty('ingress');
  });
});

describe('pods', () => {
  const pods = podsOf(around);

  it.each(pods.map((pod) => ({ name: nameOf(pod.of), pod })))(
    '$name: is restricted and bounded',
    ({ pod }) => {
      expect(pod.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of containersOf(pod)) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources?.limits?.['memory']).toBeDefined();
        expect(container.image).toMatch(/:[^:]*\d/);
        if (pod.life === 'serves')
          expect(container).toMatchObject({
            startupProbe: expect.anything(),
            readinessProbe: expect.anything(),
            livenessProbe: expect.anything(),
          });
      }
    },
  );

  it('are of every store that the chart does not bring', () => {
    expect(
      pods
        .filter(({ life }) => life === 'serves')
        .map(({ of }) => nameOf(of))
        .toSorted(),
    ).toEqual(['Deployment/valkey-proxy', 'StatefulSet/nats', 'StatefulSet/valkey']);
    expect(allOf('Cluster').length).toBeGreaterThan(0);
  });
});
