/** What a pod is told is what its program reads: the variables of its config.ts, none missing, none unknown; and every Secret is there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root, scenarioFile } from '../chart.js';
import { componentOf, everyPod, everyScenario, ofKind } from '../scenarios.fixture.js';

const services = ['auth', 'key-directory', 'message-store', 'gateway'];
/** Read by Node itself. */
const ofNode = ['NODE_ENV', 'NODE_EXTRA_CA_CERTS'];

type Known = { readonly kind: 'plain' | 'secret'; readonly isRequired: boolean };

/** Groups of libs/service-kit, variables.ts, by the name under which a service takes them. */
const shared = variablesByGroup(readFileSync(path.join(root, 'libs/service-kit/src/variables.ts'), 'utf8'));

function variablesByGroup(source: string): ReadonlyMap<string, ReadonlyMap<string, Known>> {
  const groups = [...source.matchAll(/export const (\w+Variables) = \{([\s\S]*?)\n\} as const;/g)];
  return new Map(groups.map(([, name = '', body = '']) => [name, variablesIn(body)]));
}

function variablesIn(source: string): ReadonlyMap<string, Known> {
  const found = [
    ...source.matchAll(/\b(variable|secret)\(\s*'([A-Z_]+)',([\s\S]*?)(?=\n {2}(?:\/\*\*|\w+:|\.\.\.)|$)/g),
  ];
  return new Map(
    found.map(([, kind, name = '', schema = '']) => [
      name,
      {
        kind: kind === 'secret' ? 'secret' : 'plain',
        isRequired: !/\.optional\(\)|withDefault\(/.test(schema),
      },
    ]),
  );
}

/** Every variable of a service: the base ones, the groups that its config or its module spreads, and its own. */
function variablesOf(service: string): ReadonlyMap<string, Known> {
  const file = service === 'key-directory' ? 'key-directory.module.ts' : 'config.ts';
  const source = readFileSync(path.join(root, 'apps', service, 'src', file), 'utf8');
  const groups = [
    'baseVariables',
    ...[...source.matchAll(/\.\.\.(\w+Variables)/g)].map(([, name = '']) => name),
  ];
  const own = source.slice(source.indexOf('Variables = {') + 1);
  return new Map([...groups.flatMap((name) => [...(shared.get(name) ?? [])]), ...variablesIn(own)]);
}

const servicePods = everyPod.filter(({ pod }) => services.includes(componentOf(pod.labels)));

describe('the environment of services', () => {
  it('is read from where the variables are defined', () => {
    expect([...shared.keys()]).toContain('baseVariables');
    for (const service of services) {
      expect(variablesOf(service).get('PORT')).toEqual({ kind: 'plain', isRequired: true });
      expect(variablesOf(service).get('NATS_URL')).toEqual({ kind: 'secret', isRequired: true });
      expect(variablesOf(service).get('DRAIN_TIMEOUT_MS')?.isRequired).toBe(false);
    }
    expect(variablesOf('auth').get('AUTH_SIGNING_KEY')).toEqual({ kind: 'secret', isRequired: true });
    expect(variablesOf('auth').get('BOOTSTRAP_TOKEN')).toEqual({ kind: 'secret', isRequired: false });
  });

  it.each(servicePods)(
    '$name names nothing that is not read, and lacks nothing that is needed',
    ({ pod }) => {
      const known = variablesOf(componentOf(pod.labels));
      const names = (pod.spec.containers[0]?.env ?? [])
        .map(({ name }) => name)
        .filter((name) => !ofNode.includes(name));
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) {
        const asSecret = known.get(name.replace(/_FILE$/, ''))?.kind === 'secret';
        // An environment can be read by more programs than a file.
        expect([
          name,
          name.endsWith('_FILE') ? asSecret : known.get(name)?.kind === 'plain' && !asSecret,
        ]).toEqual([name, true]);
      }
      const needed = [...known].filter(([, { isRequired }]) => isRequired).map(([name]) => name);
      expect(names.map((name) => name.replace(/_FILE$/, ''))).toEqual(expect.arrayContaining(needed));
    },
  );

  it.each(servicePods)('$name is given the files that it is told of, and no other', ({ pod }) => {
    const [container] = pod.spec.containers;
    const told = (container?.env ?? [])
      .filter(({ name }) => name.endsWith('_FILE') || name === 'NODE_EXTRA_CA_CERTS')
      .map(({ value }) => value);
    const mount = container?.volumeMounts?.find(({ name }) => name === 'secrets')?.mountPath;
    const given = (pod.spec.volumes ?? []).flatMap(({ projected }) =>
      (projected?.sources ?? []).flatMap(({ secret }) =>
        (secret.items as readonly { readonly path?: string }[]).map((item) => `${mount}/${item.path}`),
      ),
    );
    expect(told.toSorted()).toEqual(given.toSorted());
  });
});

describe('the authority of the stores', () => {
  it('is trusted by every program that connects to one, where it is named', () => {
    const trusting = everyPod.filter(({ pod, scenario }) => {
      const [container] = pod.spec.containers;
      const file = container?.env?.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value;
      return scenario.scenario === 'hardened' && file?.endsWith('/store-authority.crt');
    });
    expect(new Set(trusting.map(({ pod }) => componentOf(pod.labels)))).toEqual(
      new Set([...services, 'migrations']),
    );
  });
});

describe('secrets', () => {
  it.each(everyScenario)(
    '$name: each that a pod takes is made here, by cert-manager, or named in the values',
    (scenario) => {
      const made = new Map(
        ofKind(scenario, 'Secret').map(({ metadata, stringData }) => [
          metadata.name,
          Object.keys(stringData ?? {}),
        ]),
      );
      const certificates = ofKind(scenario, 'Certificate').map(({ spec }) => spec?.['secretName']);
      const values = JSON.stringify(parse(readFileSync(scenarioFile(scenario.scenario), 'utf8')));
      const text = JSON.stringify(scenario.pods);
      const taken = [
        ...[...text.matchAll(/"secret":\{"name":"([^"]+)","items":\[\{"key":"([^"]+)"/g)],
        ...[...text.matchAll(/"secretKeyRef":\{"name":"([^"]+)","key":"([^"]+)"/g)],
        ...[...text.matchAll(/"secretName":"([^"]+)"/g)],
      ];
      expect(taken.length).toBeGreaterThan(0);
      for (const [, name = '', key] of taken) {
        if (certificates.includes(name)) continue;
        const keys = made.get(name);
        if (keys === undefined) expect(values).toContain(`"existingSecret":"${name}"`);
        else if (key !== undefined) expect([name, keys]).toEqual([name, expect.arrayContaining([key])]);
      }
    },
  );

  it.each(everyScenario)('$name: those that are made stay when the release goes', (scenario) => {
    for (const { metadata } of ofKind(scenario, 'Secret'))
      expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
  });

  it('are not made where all come from elsewhere', () => {
    const elsewhere = everyScenario.filter(({ scenario }) =>
      ['external-secrets', 'hardened'].includes(scenario),
    );
    expect(elsewhere).toHaveLength(4);
    for (const scenario of elsewhere) expect(ofKind(scenario, 'Secret')).toEqual([]);
  });
});
