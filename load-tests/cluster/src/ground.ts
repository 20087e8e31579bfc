/** What a run stands on, and takes away again: a restricted namespace, and a volume where the cluster makes none by itself. */
import { Kubectl } from './kubectl.js';

export type GroundParams = {
  readonly namespace: string;
  readonly storageClass: string | null;
  /** With a shell, for the volume's folder. */
  readonly postgresImage: string;
};

export type Ground = {
  readonly kubectl: Kubectl;
  readonly storageClass: string;
  readonly remove: () => Promise<void>;
};

const postgresUser = 999;

export async function prepareGround(params: GroundParams): Promise<Ground> {
  const { namespace, storageClass } = params;
  const kubectl = Kubectl.in(namespace);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubectl.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }]);
  const removeNamespace = async (): Promise<void> => {
    await kubectl.run(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']);
  };
  if (storageClass !== null) return { kubectl, storageClass, remove: removeNamespace };
  const volume = await makeVolume(params);
  return {
    kubectl,
    storageClass: namespace,
    remove: async () => {
      await removeNamespace();
      await volume.remove();
    },
  };
}

/** A folder of the node, which a pod of another namespace makes, since a restricted one lets nobody. */
async function makeVolume({ namespace, postgresImage }: GroundParams) {
  const folder = `/var/tmp/${namespace}`;
  const makers = Kubectl.in(`${namespace}-volume`);
  const asRoot = async (command: string): Promise<void> => {
    const name = 'folder';
    await makers.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: makers.namespace } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: makers.namespace },
        spec: {
          restartPolicy: 'Never',
          securityContext: { runAsUser: 0 },
          containers: [
            {
              name,
              image: postgresImage,
              command: ['sh', '-c', command],
              volumeMounts: [{ name: 'parent', mountPath: '/node' }],
            },
          ],
          volumes: [{ name: 'parent', hostPath: { path: '/var/tmp' } }],
        },
      },
    ]);
    await makers.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=60s']);
    await makers.run(['delete', 'namespace', makers.namespace, '--timeout=60s']);
  };
  const inPod = `/node/${namespace}`;
  await asRoot(`rm -rf ${inPod} && mkdir ${inPod} && chown ${postgresUser} ${inPod}`);
  await makers.apply([
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: namespace },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: namespace,
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: folder },
      },
    },
  ]);
  return {
    remove: async (): Promise<void> => {
      await makers.run(['delete', 'persistentvolume', namespace, '--ignore-not-found']);
      await asRoot(`rm -rf ${inPod}`);
    },
  };
}
