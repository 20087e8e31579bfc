/** Objects are told apart, belong to this release, and find each other. */
import { describe, expect, it } from '@jest/globals';
import { release } from '../chart.js';
import { nameOf, selects, type Selector } from '../manifest.js';
import { everyPod, everyScenario, ofKind } from '../scenarios.fixture.js';

const maxName = 63;
const clusterWide = ['PriorityClass'];

type Port = { readonly name?: string; readonly port: number; readonly targetPort: string | number };

describe('objects', () => {
  it.each(everyScenario)('$name: have names of their own that are labels too', ({ objects }) => {
    const names = objects.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata } of objects) expect(metadata.name.length).toBeLessThanOrEqual(maxName);
  });

  it.each(everyScenario)('$name: are in the namespace, and say what they belong to', ({ objects }) => {
    for (const object of objects) {
      const { kind, metadata } = object;
      expect([nameOf(object), metadata.namespace]).toEqual([
        nameOf(object),
        clusterWide.includes(kind) ? undefined : release.namespace,
      ]);
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'cipherchat',
        'app.kubernetes.io/instance': release.name,
        'app.kubernetes.io/component': expect.any(String),
        'app.kubernetes.io/managed-by': 'Helm',
      });
    }
  });
});

describe('selectors', () => {
  it.each(everyPod.filter(({ pod }) => pod.life === 'serves'))(
    '$name selects its own pods alone',
    ({ pod, scenario }) => {
      const { selector } = pod.of.spec as { readonly selector: Selector };
      expect(scenario.pods.filter(({ labels }) => selects(selector, labels))).toEqual([pod]);
      // Nothing that an upgrade changes.
      expect(Object.keys(selector.matchLabels ?? {}).toSorted()).toEqual(
        ['name', 'instance', 'component'].map((label) => `app.kubernetes.io/${label}`).toSorted(),
      );
    },
  );

  it.each(everyScenario)('$name: services lead to a port of their pods', (scenario) => {
    for (const service of ofKind(scenario, 'Service')) {
      const { selector, ports } = service.spec as unknown as {
        readonly selector: Readonly<Record<string, string>>;
        readonly ports: readonly Port[];
      };
      const [pod, ...others] = scenario.pods.filter(({ labels }) =>
        selects({ matchLabels: selector }, labels),
      );
      expect(others).toEqual([]);
      const open = (pod?.spec.containers ?? []).flatMap((container) => container.ports ?? []);
      for (const { targetPort } of ports)
        expect(open.flatMap(({ name, containerPort }) => [name, containerPort])).toContain(targetPort);
    }
  });

  it.each(everyScenario)('$name: people are led to services and ports that are there', (scenario) => {
    const services = new Map(
      ofKind(scenario, 'Service').map(({ metadata, spec }) => [
        metadata.name,
        (spec as unknown as { readonly ports: readonly Port[] }).ports,
      ]),
    );
    const routed = JSON.stringify([...ofKind(scenario, 'Ingress'), ...ofKind(scenario, 'HTTPRoute')]);
    const byName = [...routed.matchAll(/"service":\{"name":"([^"]+)","port":\{"name":"([^"]+)"\}\}/g)];
    const byNumber = [...routed.matchAll(/\{"name":"([^"]+)","port":(\d+)\}/g)];
    for (const [, service = '', name] of byName)
      expect(services.get(service)?.map((port) => port.name)).toContain(name);
    for (const [, service = '', port] of byNumber)
      expect(services.get(service)?.map((each) => String(each.port))).toContain(port);
    const isDirect = scenario.objects.every(({ kind }) => kind !== 'Ingress' && kind !== 'HTTPRoute');
    expect(byName.length + byNumber.length).toBe(isDirect ? 0 : 2);
  });
});
