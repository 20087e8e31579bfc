/** The chart, with the values that are named here, finds every Secret, host and pod around it, under the name that it asks for. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../chart.js';
import { podsOf, selects, type KubernetesObject, type Selector } from '../manifest.js';
import {
  allOf,
  application,
  applicationValues,
  around,
  installed,
  secretsTaken,
  theOnly,
  type Installed,
} from './around.fixture.js';

type ExternalSecret = {
  readonly target?: { readonly template?: { readonly data?: Readonly<Record<string, string>> } };
  readonly data: readonly {
    readonly secretKey: string;
    readonly remoteRef: { readonly key: string; readonly property: string };
  }[];
};
const { namespace } = application.destination;
const applied = await installed(applicationValues);
const production = await installed(['charts/cipherchat/scenarios/production.yaml']);

const specOf = (object: KubernetesObject): ExternalSecret => object.spec as unknown as ExternalSecret;
const keysOf = (object: KubernetesObject): readonly string[] =>
  Object.keys(specOf(object).target?.template?.data ?? {}).length > 0
    ? Object.keys(specOf(object).target?.template?.data ?? {})
    : specOf(object).data.map(({ secretKey }) => secretKey);

/** By cert-manager: of the chart's Certificates, and of ours in its namespace. */
const certificatesOf = ({ objects }: Installed): readonly unknown[] =>
  [...objects, ...allOf('Certificate', namespace)]
    .filter(({ kind }) => kind === 'Certificate')
    .map(({ spec }) => spec?.['secretName']);
const fromVault = new Map(
  allOf('ExternalSecret', namespace).map((object) => [object.metadata.name, keysOf(object)]),
);

function urlOf(secret: string): string {
  return specOf(theOnly('ExternalSecret', secret)).target?.template?.data?.['url'] ?? '';
}
const hostsOf = (url: string): readonly string[] =>
  [...url.matchAll(/(?:\/\/|@)([a-z0-9.-]+\.svc\.cluster\.local):\d+/g)].map(([, host = '']) => host);

describe('the application of Argo CD', () => {
  it('installs this version of the chart, with values files that there are', () => {
    const chart = parse(readFileSync(path.join(root, 'charts/cipherchat/Chart.yaml'), 'utf8')) as {
      readonly name: string;
      readonly version: string;
    };
    const [source, values] = application.sources;
    expect(source).toMatchObject({ chart: chart.name, targetRevision: chart.version });
    expect(values).toMatchObject({ ref: 'values', targetRevision: `v${chart.version}` });
    expect(applicationValues).toEqual(['charts/cipherchat/scenarios/production.yaml', 'k8s/values.yaml']);
  });

  it('leaves no secret for the chart to make', () => {
    expect(applied.objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(production.objects.filter(({ kind }) => kind === 'Secret')).not.toEqual([]);
  });
});

describe('secrets', () => {
  it('are all there, with every key that is taken', () => {
    for (const [name, keys] of secretsTaken(applied)) {
      if (certificatesOf(applied).includes(name)) continue;
      expect([name, fromVault.get(name)]).toEqual([name, expect.arrayContaining([...keys])]);
    }
  });

  it('are none that nobody takes', () => {
    const taken = secretsTaken(applied);
    for (const [name, keys] of fromVault)
      expect([name, [...(taken.get(name) ?? [])].toSorted()]).toEqual([name, keys.toSorted()]);
  });

  it('include every one that the production scenario names', () => {
    const made = production.objects
      .filter(({ kind }) => kind === 'Secret')
      .map(({ metadata }) => metadata.name);
    for (const [name, keys] of secretsTaken(production))
      if (!made.includes(name) && !certificatesOf(production).includes(name))
        expect([name, fromVault.get(name)]).toEqual([name, expect.arrayContaining([...keys])]);
  });

  it('of a store are there too, from the same place as the password in the address', () => {
    const property = (secret: string, key: string): unknown =>
      specOf(theOnly('ExternalSecret', secret)).data.find(({ secretKey }) => secretKey === key)?.remoteRef;
    for (const [inChat, inStore] of [
      ['postgres-owner', 'cipherchat-owner'],
      ['postgres-auth', 'cipherchat-auth'],
      ['postgres-key-directory', 'cipherchat-directory'],
      ['postgres-message-store', 'cipherchat-messages'],
    ] as const) {
      expect(property(inStore, 'password')).toEqual(property(inChat, 'password'));
      const role = specOf(theOnly('ExternalSecret', inStore)).target?.template?.data?.['username'];
      expect(urlOf(inChat)).toContain(`//${role}:`);
    }
    for (const service of ['auth', 'key-directory', 'message-store', 'gateway']) {
      expect(property('nats-users', service)).toEqual(property(`nats-${service}`, 'password'));
      expect(urlOf(`nats-${service}`)).toContain(`//${service}:`);
    }
    expect(property('valkey', 'password')).toEqual(property('redis', 'password'));
  });

  it('that pods around the chart take are there', () => {
    for (const { of, spec } of podsOf(around)) {
      const own = of.metadata.namespace ?? '';
      const certificates = allOf('Certificate', own).map((each) => each.spec?.['secretName']);
      for (const [name, keys] of secretsTaken({ objects: [], pods: [{ spec }] as never })) {
        if (certificates.includes(name)) continue;
        const [found] = allOf('ExternalSecret', own).filter(({ metadata }) => metadata.name === name);
        expect([name, found === undefined ? [] : keysOf(found)]).toEqual([
          name,
          expect.arrayContaining([...keys]),
        ]);
      }
    }
  });
});

describe('the roles of Postgres', () => {
  type Role = { readonly name: string; readonly passwordSecret: { readonly name: string } };
  const clusters = allOf('Cluster').map(
    ({ spec }) => spec as unknown as { readonly managed: { readonly roles: readonly Role[] } },
  );

  it.each(clusters.map(({ managed }) => managed.roles))(
    'have their passwords from Secrets that there are',
    (...roles) => {
      const names = roles.map(({ name }) => name);
      expect(names).toEqual(['cipherchat_auth', 'cipherchat_directory', 'cipherchat_messages']);
      for (const { name, passwordSecret } of roles)
        expect(
          specOf(theOnly('ExternalSecret', passwordSecret.name)).target?.template?.data?.['username'],
        ).toBe(name);
    },
  );

  it('are the same in a cluster from a backup, and so is what it promises', () => {
    const [first, second] = allOf('Cluster').map(({ spec }) => spec as Readonly<Record<string, unknown>>);
    for (const key of [
      'instances',
      'imageName',
      'managed',
      'certificates',
      'storage',
      'walStorage',
      'resources',
    ])
      expect([key, first?.[key]]).toEqual([key, second?.[key]]);
    const synchronous = (spec: typeof first): unknown =>
      (spec?.['postgresql'] as { readonly synchronous: unknown }).synchronous;
    expect(synchronous(first)).toEqual(synchronous(second));
  });
});

describe('stores', () => {
  const stores = [
    {
      store: 'postgres',
      secret: 'postgres-auth',
      certificate: 'postgres-server',
      pods: { 'cnpg.io/cluster': 'postgres' },
    },
    {
      store: 'nats',
      secret: 'nats-gateway',
      certificate: 'nats-server',
      pods: { 'app.kubernetes.io/name': 'nats' },
    },
    {
      store: 'redis',
      secret: 'redis',
      certificate: 'valkey-server',
      pods: { 'app.kubernetes.io/name': 'valkey-proxy' },
    },
  ] as const;

  it.each(stores)(
    '$store: has a certificate of the name that services call it by',
    ({ secret, certificate }) => {
      const hosts = hostsOf(urlOf(secret));
      expect(hosts.length).toBeGreaterThan(0);
      expect(theOnly('Certificate', certificate).spec?.['dnsNames']).toEqual(
        expect.arrayContaining([...hosts]),
      );
      expect(urlOf(secret)).toMatch(/^(tls|rediss):|sslmode=verify-full$/);
    },
  );

  it.each(stores)('$store: is let be reached, at both ends', ({ store, secret, pods }) => {
    const [host = ''] = hostsOf(urlOf(secret));
    const [inNamespace = ''] = host.split('.').slice(-4);
    const values = parse(readFileSync(path.join(root, 'k8s/values.yaml'), 'utf8')) as Readonly<
      Record<string, { readonly external: { readonly peers: readonly Readonly<Record<string, Selector>>[] } }>
    >;
    const [peer] = values[store]?.external.peers ?? [];
    expect(selects(peer?.['podSelector'] ?? {}, pods)).toBe(true);
    expect(peer?.['namespaceSelector']?.matchLabels).toEqual({ 'kubernetes.io/metadata.name': inNamespace });
    const rules = JSON.stringify(
      allOf('NetworkPolicy', inNamespace)
        .filter(({ spec }) => selects((spec as { readonly podSelector: Selector }).podSelector, pods))
        .flatMap(({ spec }) => spec?.['ingress'] ?? []),
    );
    expect(rules).toContain(`"kubernetes.io/metadata.name":"${namespace}"`);
    expect(rules).toContain(`"port":${/:(\d+)/.exec(urlOf(secret).replace(/^.*?local/, ''))?.[1]}`);
  });

  it('of NATS and Valkey have the Services that are in the addresses', () => {
    for (const secret of ['nats-gateway', 'redis'])
      for (const host of hostsOf(urlOf(secret))) {
        const [service = '', inNamespace] = host.split('.').slice(-5);
        expect(allOf('Service', inNamespace).map(({ metadata }) => metadata.name)).toContain(service);
      }
    const { replicas } = theOnly('StatefulSet', 'nats').spec as { readonly replicas: number };
    expect(hostsOf(urlOf('nats-gateway'))).toHaveLength(replicas);
  });
});
