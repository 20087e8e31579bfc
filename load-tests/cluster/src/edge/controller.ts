/**
 * Traefik, as whoever runs a cluster has it: it serves Ingresses, with the annotations of ingress-nginx, and Gateways, of classes of
 * its own, so that no other controller of the cluster takes them.
 */
import path from 'node:path';
import { goModule } from '@cipherchat/test-kit';
import { Kubectl } from '../kubectl.js';

export const ingressClass = 'cipherchat-test';
export const gatewayClass = 'cipherchat-test';

const ingressController = 'cipherchat.test/ingress';
const gatewayApi = { module: 'sigs.k8s.io/gateway-api', version: '1.6.1' } as const;
const httpsPort = 443;
const apiPort = 8081;
const name = 'traefik';
const labels = { app: name };
const withinS = 120;

export type EdgeController = {
  /** Of its Service, inside the cluster. */
  readonly address: string;
  /** The addresses of all pods that it asks, as far as it has heard. */
  readonly asks: () => Promise<ReadonlySet<string>>;
  /** What it was asked last, and what it answered. */
  readonly lastAnswers: () => Promise<string>;
  readonly remove: () => Promise<void>;
};

export async function startController(params: {
  readonly kubectl: Kubectl;
  readonly image: string;
}): Promise<EdgeController> {
  const edge = Kubectl.in(`${params.kubectl.namespace}-edge`);
  const definitions = path.join(await goModule(gatewayApi), 'config/crd/standard');
  const hadDefinitions = (await edge.try(['get', 'crd', 'gateways.gateway.networking.k8s.io'])).status === 0;
  const remove = async (): Promise<void> => {
    await edge.run(['delete', 'clusterrole,clusterrolebinding', edge.namespace, '--ignore-not-found']);
    await edge.run(['delete', 'ingressclass', ingressClass, '--ignore-not-found']);
    if (hadDefinitions) await edge.run(['delete', 'gatewayclass', gatewayClass, '--ignore-not-found']);
    else await edge.run(['delete', '--filename', definitions, '--ignore-not-found', '--timeout=60s']);
    await edge.run(['delete', 'namespace', edge.namespace, '--ignore-not-found', '--timeout=60s']);
  };
  try {
    if (!hadDefinitions) await edge.run(['apply', '--server-side', '--filename', definitions]);
    await edge.apply(objects({ namespace: edge.namespace, image: params.image }));
    await edge.run(['rollout', 'status', `deployment/${name}`, `--timeout=${withinS}s`]);
    const service = await edge.get<{ readonly spec: { readonly clusterIP: string } }>(['service', name]);
    const lastAnswers = () => edge.run(['logs', `deployment/${name}`, '--tail=20']);
    return { address: service.spec.clusterIP, asks: () => addressesAsked(edge), lastAnswers, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

type BackendService = {
  readonly loadBalancer?: { readonly servers?: readonly { readonly url?: string }[] };
};

/** By its own API, through that of the cluster. */
async function addressesAsked(edge: Kubectl): Promise<ReadonlySet<string>> {
  const { items } = await edge.get<{
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  }>(['pods', `--selector=app=${labels.app}`]);
  const pod = `/api/v1/namespaces/${edge.namespace}/pods/${items[0]?.metadata.name}:${apiPort}/proxy`;
  const answer = await edge.run(['get', `--raw=${pod}/api/http/services`]);
  const servers = (JSON.parse(answer) as readonly BackendService[]).flatMap(
    ({ loadBalancer }) => loadBalancer?.servers ?? [],
  );
  return new Set(servers.flatMap(({ url }) => (url === undefined ? [] : [new URL(url).hostname])));
}

function objects({
  namespace,
  image,
}: {
  readonly namespace: string;
  readonly image: string;
}): readonly unknown[] {
  const metadata = { name, namespace };
  const rbac = 'rbac.authorization.k8s.io';
  const read = ['get', 'list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: namespace },
      rules: [
        {
          apiGroups: [''],
          resources: ['services', 'endpoints', 'secrets', 'nodes', 'pods', 'configmaps', 'namespaces'],
          verbs: read,
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
        { apiGroups: ['gateway.networking.k8s.io'], resources: ['*'], verbs: [...read, 'update', 'patch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: namespace },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: namespace },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: ingressClass },
      spec: { controller: ingressController },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: gatewayClass },
      spec: { controllerName: 'traefik.io/gateway-controller' },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: httpsPort }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name,
                image,
                imagePullPolicy: 'IfNotPresent',
                args: [
                  // A Gateway's listener is that of an entry point by its number.
                  `--entrypoints.websecure.address=:${httpsPort}`,
                  '--entrypoints.ping.address=:8082',
                  '--ping=true',
                  `--entrypoints.traefik.address=:${apiPort}`,
                  '--api.insecure=true',
                  '--accesslog=true',
                  '--ping.entrypoint=ping',
                  '--providers.kubernetesingressnginx=true',
                  `--providers.kubernetesingressnginx.controllerclass=${ingressController}`,
                  '--providers.kubernetesingressnginx.httpsentrypoint=websecure',
                  '--providers.kubernetesgateway=true',
                  '--global.checknewversion=false',
                  '--global.sendanonymoususage=false',
                ],
                readinessProbe: { httpGet: { path: '/ping', port: 8082 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
  ];
}
