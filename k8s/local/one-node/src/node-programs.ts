/** The programs of the node, as they are started. */
import { addresses, certificateFile, inside, keyFile, nodeName } from './layout.js';
import type { Program } from './namespaces.js';

const healthTimeoutMs = 2_000;
const kubeconfig = (name: string): string => `${inside.settings}/${name}.kubeconfig`;

export const etcd: Program = {
  name: 'etcd',
  args: [
    '--data-dir=/var/lib/etcd',
    // For its health alone.
    `--listen-metrics-urls=http://${addresses.node}:2381`,
    // A cluster that is gone after a crash needs no write to last.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ],
};

export const containerd: Program = {
  name: 'containerd',
  args: [`--config=${inside.settings}/containerd.toml`, '--log-level=warn'],
};

export const apiServer: Program = {
  name: 'kube-apiserver',
  args: [
    '--etcd-servers=http://127.0.0.1:2379',
    `--bind-address=${addresses.node}`,
    `--advertise-address=${addresses.node}`,
    `--service-cluster-ip-range=${addresses.services}`,
    '--allow-privileged',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--client-ca-file=${certificateFile('ca')}`,
    `--tls-cert-file=${certificateFile('apiserver')}`,
    `--tls-private-key-file=${keyFile('apiserver')}`,
    `--kubelet-certificate-authority=${certificateFile('ca')}`,
    `--kubelet-client-certificate=${certificateFile('admin')}`,
    `--kubelet-client-key=${keyFile('admin')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${certificateFile('accounts')}`,
    `--service-account-signing-key-file=${keyFile('accounts')}`,
    // Requests that it hands on to the metrics server.
    `--requestheader-client-ca-file=${certificateFile('front-proxy-ca')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${certificateFile('front-proxy-client')}`,
    `--proxy-client-key-file=${keyFile('front-proxy-client')}`,
  ],
};

/** All that needs the API server, which has to answer first. */
export const othersOfTheNode: readonly Program[] = [
  {
    name: 'kube-controller-manager',
    args: [
      `--kubeconfig=${kubeconfig('admin')}`,
      '--bind-address=127.0.0.1',
      '--leader-elect=false',
      '--use-service-account-credentials',
      `--root-ca-file=${certificateFile('ca')}`,
      `--service-account-private-key-file=${keyFile('accounts')}`,
      // A test of scaling is not to wait for minutes.
      '--horizontal-pod-autoscaler-sync-period=5s',
      '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
      '--horizontal-pod-autoscaler-cpu-initialization-period=15s',
      '--horizontal-pod-autoscaler-downscale-stabilization=30s',
    ],
  },
  {
    name: 'kube-scheduler',
    args: [`--kubeconfig=${kubeconfig('admin')}`, '--bind-address=127.0.0.1', '--leader-elect=false'],
  },
  {
    name: 'kubelet',
    args: [
      `--config=${inside.settings}/kubelet.yaml`,
      `--kubeconfig=${kubeconfig('kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${addresses.node}`,
    ],
  },
  { name: 'kube-proxy', args: [`--config=${inside.settings}/kube-proxy.yaml`] },
  { name: 'netpol', args: [`--kubeconfig=${kubeconfig('admin')}`] },
];

/** Asked from outside, where its clients cannot reach it. */
export async function isEtcdHealthy(): Promise<boolean> {
  try {
    const { ok } = await fetch(`http://${addresses.node}:2381/health`, {
      signal: AbortSignal.timeout(healthTimeoutMs),
    });
    return ok;
  } catch {
    return false; // it does not listen yet
  }
}
