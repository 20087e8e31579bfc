/** What a cluster brings before anybody installs anything: names of services, figures of pods, and who may enforce rules. */
import { addresses } from './layout.js';
import { ownImage } from './settings.js';

const namespace = 'kube-system';
const named = (name: string) => ({ name, namespace });
const rbac = 'rbac.authorization.k8s.io';

export const addOns: readonly object[] = [
  ...coreDns(),
  ...metricsServer(),
  role({
    name: 'one-node:aggregated-metrics',
    labels: { [`${rbac}/aggregate-to-view`]: 'true' },
    rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
  }),
];

function coreDns(): readonly object[] {
  const name = 'coredns';
  const corefile = `.:53 {
    errors
    ready
    kubernetes cluster.local in-addr.arpa {
        ttl 5
    }
    cache 5
    loadbalance
}
`;
  return [
    ...account(name, [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: named(name), data: { Corefile: corefile } },
    deployment({
      name,
      // By this label, policies everywhere let pods ask for names.
      labels: { 'k8s-app': 'kube-dns' },
      args: ['-conf', '/etc/coredns/Corefile'],
      ready: { path: '/ready', port: 8181 },
      mount: { mountPath: '/etc/coredns', source: { configMap: { name } } },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named('kube-dns'),
      spec: {
        clusterIP: addresses.dnsService,
        selector: { 'k8s-app': 'kube-dns' },
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
}

function metricsServer(): readonly object[] {
  const name = 'metrics-server';
  const labels = { 'k8s-app': name };
  const port = 10_250;
  const subjects = [{ kind: 'ServiceAccount', ...named(name) }];
  return [
    ...account(name, [
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    ]),
    binding({ name: `${name}:auth-delegator`, role: 'system:auth-delegator', subjects }),
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: named(`${name}-auth-reader`),
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      subjects,
    },
    deployment({
      name,
      labels,
      args: [
        '--cert-dir=/tmp',
        `--secure-port=${port}`,
        '--kubelet-preferred-address-types=InternalIP',
        '--kubelet-insecure-tls',
        '--metric-resolution=10s',
        '--kubelet-request-timeout=5s',
      ],
      ready: { path: '/readyz', port, scheme: 'HTTPS' },
      mount: { mountPath: '/tmp', source: { emptyDir: {} } },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named(name),
      spec: { selector: labels, ports: [{ port: 443, targetPort: port }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: named(name),
      },
    },
  ];
}

function deployment(params: {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly ready: { readonly path: string; readonly port: number; readonly scheme?: 'HTTPS' };
  readonly mount: { readonly mountPath: string; readonly source: object };
}): object {
  const { name, labels, args, ready, mount } = params;
  const container = {
    name,
    image: ownImage(name),
    imagePullPolicy: 'Never',
    args,
    readinessProbe: { httpGet: ready, periodSeconds: 1 },
    resources: { requests: { cpu: '20m', memory: '40Mi' } },
    volumeMounts: [{ name: 'files', mountPath: mount.mountPath }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: named(name),
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: 'system-cluster-critical',
          // Names of others than the cluster's are asked for nowhere.
          dnsPolicy: 'Default',
          containers: [container],
          volumes: [{ name: 'files', ...mount.source }],
        },
      },
    },
  };
}

function account(name: string, rules: readonly object[]): readonly object[] {
  const roleName = `one-node:${name}`;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named(name) },
    role({ name: roleName, labels: {}, rules }),
    binding({ name: roleName, role: roleName, subjects: [{ kind: 'ServiceAccount', ...named(name) }] }),
  ];
}

function role({ name, labels, rules }: { name: string; labels: object; rules: readonly object[] }): object {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels }, rules };
}

function binding(params: {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly object[];
}): object {
  const { name, role: roleName, subjects } = params;
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
    subjects,
  };
}
