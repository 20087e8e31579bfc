/** The files that programs of the node are told by. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addresses, certificateFile, cgroup, fromOutside, inside, keyFile, nodeName } from './layout.js';

/** Of the images that this package makes. */
export const ownImage = (name: string): string => `cipherchat-one-node/${name}:own`;
const containerdSocket = '/run/containerd/containerd.sock';
const networkFolder = `${inside.settings}/net.d`;

export function writeSettings(plugins: string): void {
  mkdirSync(fromOutside(networkFolder), { recursive: true });
  const write = (file: string, text: string): void =>
    writeFileSync(path.join(fromOutside(inside.settings), file), text);
  write('containerd.toml', containerdSettings(plugins));
  write('net.d/10-node.conflist', JSON.stringify(podNetwork));
  // Names of the cluster alone: nobody else can be reached.
  write('resolv.conf', 'nameserver 127.0.0.1\n');
  write('kubelet.yaml', JSON.stringify(kubeletSettings));
  write('kube-proxy.yaml', JSON.stringify(proxySettings));
}

const containerdSettings = (plugins: string): string => `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/${ownImage('pause')}"
  # A machine may forbid lower values than its own.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${plugins}"
    conf_dir = "${networkFolder}"
`;

/** Every packet between pods is routed by the node, and so meets its rules; on a bridge that would depend on a kernel module. */
const podNetwork = {
  cniVersion: '1.0.0',
  name: nodeName,
  plugins: [
    {
      type: 'ptp',
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: addresses.pods }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

const kubeletSettings = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: addresses.node,
  readOnlyPort: 0,
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroup}`,
  failCgroupV1: false,
  failSwapOn: false,
  clusterDNS: [addresses.dnsService],
  clusterDomain: 'cluster.local',
  resolvConf: `${inside.settings}/resolv.conf`,
  tlsCertFile: certificateFile('kubelet-server'),
  tlsPrivateKeyFile: keyFile('kubelet-server'),
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: certificateFile('ca') },
  },
  authorization: { mode: 'Webhook' },
  // The disk is that of the machine, however full: images are never removed, and pods only in need.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '1%',
    'imagefs.available': '1%',
    'nodefs.inodesFree': '1%',
  },
  makeIPTablesUtilChains: false,
  oomScoreAdj: 0,
  maxPods: 60,
};

const proxySettings = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: `${inside.settings}/admin.kubeconfig` },
  hostnameOverride: nodeName,
  mode: 'nftables',
  clusterCIDR: addresses.pods,
  oomScoreAdj: 0,
  // Those limits are the machine's, which no namespace may change.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
};
