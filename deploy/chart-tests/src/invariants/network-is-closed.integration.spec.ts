/** Nothing is allowed but the connections that there are: each at both of its ends, and each because a pod's settings name the other end. */
import { describe, expect, it } from '@jest/globals';
import { release } from '../chart.js';
import { selects, type Pod, type Selector } from '../manifest.js';
import type { RenderedScenario } from '../rendered.js';
import { componentOf, everyPod, everyScenario, isHook, ofKind } from '../scenarios.fixture.js';

type Peer = {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: unknown;
};
type Rule = {
  readonly ports: readonly { readonly protocol: string; readonly port: number; readonly endPort?: number }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
};
type Policy = {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
};

const prefix = `${release.name}-cipherchat-`;
const dnsPort = 53;

function policiesOf(scenario: RenderedScenario): readonly Policy[] {
  return ofKind(scenario, 'NetworkPolicy').map(({ spec }) => spec as unknown as Policy);
}

function policyOf(scenario: RenderedScenario, pod: Pod): Policy {
  const own = policiesOf(scenario).filter(
    ({ podSelector }) => componentOf(podSelector.matchLabels ?? {}) === componentOf(pod.labels),
  );
  expect(own).toHaveLength(1);
  return own[0] as Policy;
}

/** `auth→postgres:5432`, of the connections between pods of this release that one end allows. */
function within(rules: readonly Rule[] | undefined, end: 'from' | 'to', self: string): readonly string[] {
  return (rules ?? []).flatMap((rule) =>
    (rule[end] ?? [])
      .filter(
        ({ podSelector, namespaceSelector }) => podSelector !== undefined && namespaceSelector === undefined,
      )
      .flatMap(({ podSelector }) => {
        const other = componentOf(podSelector?.matchLabels ?? {});
        return rule.ports.map(({ port }) =>
          end === 'to' ? `${self}→${other}:${port}` : `${other}→${self}:${port}`,
        );
      }),
  );
}

/** What the settings of a pod make it connect to: addresses in its environment, its arguments, and the files it is given. */
function addressesOf(pod: Pod, scenario: RenderedScenario): ReadonlySet<string> {
  const { spec } = pod;
  const files = (spec.volumes ?? []).flatMap((volume) => {
    const configMap = ofKind(scenario, 'ConfigMap').find(
      ({ metadata }) => metadata.name === volume.configMap?.name,
    );
    const given = (volume.projected?.sources ?? []).flatMap(({ secret }) =>
      ofKind(scenario, 'Secret')
        .filter(({ metadata }) => metadata.name === secret.name)
        .flatMap(({ stringData }) => secret.items.map(({ key }) => stringData?.[key] ?? '')),
    );
    return [...Object.values(configMap?.data ?? {}), ...given];
  });
  const text = JSON.stringify([spec.containers, spec.initContainers ?? [], files]);
  const named = [...text.matchAll(new RegExp(`\\b${prefix}([a-z-]+)(?::(\\d+))?`, 'g'))];
  const references = [...text.matchAll(new RegExp(`"secretKeyRef":\\{"name":"${prefix}postgres"`, 'g'))];
  const self = componentOf(pod.labels);
  return new Set([
    ...named.filter(([, , port]) => port !== undefined).map(([, other, port]) => `${self}→${other}:${port}`),
    ...references.map(() => `${self}→postgres:5432`),
  ]);
}

describe('network policies', () => {
  it.each(everyScenario)('$name: everything is denied first', (scenario) => {
    const [denies, ...others] = policiesOf(scenario).filter(
      ({ ingress, egress }) => ingress === undefined && egress === undefined,
    );
    expect(others).toEqual([]);
    expect(denies?.policyTypes).toEqual(['Ingress', 'Egress']);
    for (const { labels } of scenario.pods) expect(selects(denies?.podSelector ?? {}, labels)).toBe(true);
    expect(denies?.podSelector.matchLabels).toBeDefined();
  });

  it.each(everyPod)('$name has one of its own, in both directions', ({ pod, scenario }) => {
    const policy = policyOf(scenario, pod);
    expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(selects(policy.podSelector, pod.labels)).toBe(true);
  });

  it.each(everyScenario)('$name: every rule says which ports, by number', (scenario) => {
    for (const { ingress = [], egress = [] } of policiesOf(scenario))
      for (const { ports } of [...ingress, ...egress]) {
        expect(ports.length).toBeGreaterThan(0);
        for (const { port, endPort } of ports) {
          expect(port).toEqual(expect.any(Number));
          expect(endPort).toBeUndefined();
        }
      }
  });

  it.each(everyScenario)('$name: what one end allows the other does too', (scenario) => {
    const out = new Set<string>();
    const into = new Set<string>();
    for (const { podSelector, ingress, egress } of policiesOf(scenario)) {
      const self = componentOf(podSelector.matchLabels ?? {});
      for (const edge of within(egress, 'to', self)) out.add(edge);
      for (const edge of within(ingress, 'from', self)) into.add(edge);
    }
    expect([...out].toSorted()).toEqual([...into].toSorted());
  });

  it.each(everyPod)(
    '$name may connect to what its settings name, and to nothing else here',
    ({ pod, scenario }) => {
      const { egress } = policyOf(scenario, pod);
      const self = componentOf(pod.labels);
      const isClient = ['test', 'probe', 'k6'].includes(self);
      const allowed = within(egress, 'to', self);
      const named = [...addressesOf(pod, scenario)].filter(
        // An Ingress or a Gateway takes the socket to the gateways itself; nginx keeps its line for them.
        (edge) => !(self === 'web' && edge.includes('→gateway') && isRouted(scenario)),
      );
      const direct = isClient && !isRouted(scenario) ? ['→web:8080'].map((edge) => `${self}${edge}`) : [];
      expect([...allowed].toSorted()).toEqual([...named, ...direct].toSorted());
    },
  );

  it.each(everyPod)('$name asks DNS, and nobody reaches a pod that ends', ({ pod, scenario }) => {
    const { ingress, egress = [] } = policyOf(scenario, pod);
    const [dns] = egress;
    expect(dns?.ports.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual([
      `UDP ${dnsPort}`,
      `TCP ${dnsPort}`,
    ]);
    expect(dns?.to?.length).toBeGreaterThan(0);
    if (pod.life === 'ends') expect(ingress ?? []).toEqual([]);
  });

  it.each(everyScenario)('$name: that of a hook is there before its pods', (scenario) => {
    const jobs = scenario.objects.filter((object) => object.kind === 'Job' && isHook(object));
    const weight = (annotations: Readonly<Record<string, string>> | undefined): number =>
      Number(annotations?.['helm.sh/hook-weight']);
    const before = scenario.objects.filter(
      ({ kind, metadata }) =>
        ['NetworkPolicy', 'ServiceAccount'].includes(kind) && metadata.name === `${prefix}migrations`,
    );
    expect(before).toHaveLength(2);
    for (const { metadata } of before)
      for (const job of jobs) {
        expect(metadata.annotations?.['helm.sh/hook']).toBe(job.metadata.annotations?.['helm.sh/hook']);
        expect(weight(metadata.annotations)).toBeLessThan(weight(job.metadata.annotations));
      }
  });
});

function isRouted({ objects }: RenderedScenario): boolean {
  return objects.some(({ kind }) => kind === 'Ingress' || kind === 'HTTPRoute');
}
