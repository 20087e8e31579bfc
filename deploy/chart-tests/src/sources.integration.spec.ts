/** What the chart takes from deploy/, and what it makes: the programs that read it take it, and it is no copy. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { natsServerProgram, nginxProgram, run, temporaryFolder } from '@cipherchat/test-kit';
import { parse } from 'yaml';
import { root } from './chart.js';
import type { RenderedScenario } from './rendered.js';
import { everyScenario, ofKind, type Named } from './scenarios.fixture.js';

const scenarioOf = (name: string): Named<RenderedScenario> => {
  const found = everyScenario.find(({ scenario, kind }) => scenario === name && kind === 'install');
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
};
const evaluation = scenarioOf('evaluation');
const production = scenarioOf('production');

function secret(name: string): Readonly<Record<string, string>> {
  return (
    ofKind(evaluation, 'Secret').find(({ metadata }) => metadata.name === `chat-cipherchat-${name}`)
      ?.stringData ?? {}
  );
}

describe('the configuration of nginx', () => {
  const templates = readdirSync(path.join(root, 'deploy/nginx/templates')).map((file) =>
    file.replace(/\.template$/, ''),
  );

  it.each(everyScenario)('$name: is every file of deploy/nginx, with nothing left to fill in', (scenario) => {
    const data = webConfiguration(scenario);
    expect(Object.keys(data).toSorted()).toEqual(templates.toSorted());
    for (const [file, text] of Object.entries(data))
      expect([file, /\$\{[A-Z_]+\}/.exec(text)?.[0]]).toEqual([file, undefined]);
  });

  it.each(everyScenario.filter(({ kind }) => kind === 'install'))(
    '$name: is one that nginx takes',
    async (scenario) => {
      const folder = temporaryFolder('chart-nginx');
      try {
        const { 'tls.crt': certificate = '', 'tls.key': key = '' } = secret('tls');
        writeFileSync(path.join(folder.path, 'tls.crt'), certificate);
        writeFileSync(path.join(folder.path, 'tls.key'), key);
        const at = path.join(folder.path, 'conf');
        mkdirSync(at);
        for (const [file, text] of Object.entries(webConfiguration(scenario)))
          // Names of the cluster are known only there; the rest is as it is in the pod.
          writeFileSync(
            path.join(at, file),
            text
              .replaceAll(/chat-cipherchat-[a-z-]+:3000/g, '127.0.0.1:3000')
              .replaceAll('"/tmp', `"${folder.path}`)
              // A socket here, a pipe in a pod.
              .replaceAll('/dev/stdout', path.join(folder.path, 'access.log'))
              .replaceAll('/etc/nginx/tls', folder.path),
          );
        const { status, stderr } = await run({
          program: await nginxProgram(() => {}),
          args: ['-t', '-c', path.join(at, 'nginx.conf')],
        });
        expect({ status, stderr }).toEqual({
          status: 0,
          stderr: expect.stringContaining('test is successful'),
        });
      } finally {
        folder.remove();
      }
    },
  );

  it('lets pages connect to the socket where that is another origin, and to nothing else', () => {
    const policyOf = (name: string): string =>
      /connect-src ([^;]+);/.exec(webConfiguration(scenarioOf(name))['header-values.conf'] ?? '')?.[1] ?? '';
    expect(policyOf('production')).toBe("'self'");
    expect(policyOf('gke')).toBe("'self' wss://socket.chat.example.org");
  });

  it('believes proxies only where one is in front', () => {
    const believed = (name: string): readonly string[] =>
      [...(webConfiguration(scenarioOf(name))['nginx.conf'] ?? '').matchAll(/set_real_ip_from (\S+);/g)].map(
        ([, network = '']) => network,
      );
    expect(believed('eks')).toEqual([]);
    expect(believed('gke')).toEqual(['35.191.0.0/16', '130.211.0.0/22', '10.0.0.0/8']);
  });
});

describe('bundled stores', () => {
  it('have a configuration that nats-server takes, with the permissions of deploy/nats', async () => {
    const folder = temporaryFolder('chart-nats');
    try {
      const { 'nats.conf': text = '' } = secret('nats');
      const file = path.join(folder.path, 'nats.conf');
      writeFileSync(file, text);
      const { status } = await run({ program: await natsServerProgram(() => {}), args: ['-t', '-c', file] });
      expect(status).toBe(0);
      const users = JSON.parse(/users: (\[.*\])/.exec(text)?.[1] ?? '[]') as readonly {
        readonly user: string;
        readonly password: string;
        readonly permissions: unknown;
      }[];
      const permissions = JSON.parse(
        readFileSync(path.join(root, 'deploy/nats/permissions.json'), 'utf8'),
      ) as Readonly<
        Record<string, { readonly publish: readonly string[]; readonly subscribe: readonly string[] }>
      >;
      expect(users.map(({ user }) => user).toSorted()).toEqual(Object.keys(permissions).toSorted());
      for (const { user, password, permissions: given } of users) {
        expect(given).toEqual({
          publish: { allow: permissions[user]?.publish },
          subscribe: { allow: permissions[user]?.subscribe },
          allow_responses: true,
        });
        expect(secret('nats')[`${user}-url`]).toBe(`nats://${user}:${password}@chat-cipherchat-nats:4222`);
      }
    } finally {
      folder.remove();
    }
  });

  it('have a role of its own for each service, with another password each', () => {
    const { 'roles.sql': sql = '', ...addresses } = secret('postgres');
    const roles = [...sql.matchAll(/^create role (\w+) login .* password '(\w+)';$/gm)];
    expect(roles.map(([, role]) => role)).toEqual([
      'cipherchat_auth',
      'cipherchat_directory',
      'cipherchat_messages',
    ]);
    expect(new Set(roles.map(([, , password]) => password)).size).toBe(3);
    for (const [, role = '', password = ''] of roles)
      expect(Object.values(addresses)).toContain(
        `postgresql://${role}:${password}@chat-cipherchat-postgres:5432/cipherchat`,
      );
  });
});

describe('what is made once', () => {
  it('is an Ed25519 key in PKCS #8, and long random texts', () => {
    const {
      'signing-key': key = '',
      'bootstrap-token': token = '',
      'address-hash-key': hashKey = '',
    } = secret('keys');
    expect(createPrivateKey(key).asymmetricKeyType).toBe('ed25519');
    for (const text of [token, hashKey]) expect(text).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(token).not.toBe(hashKey);
  });

  it('is a certificate of the public name, by an authority that clients are given', () => {
    const { 'tls.crt': certificate = '', 'ca.crt': authority = '', 'tls.key': key = '' } = secret('tls');
    const parsed = new X509Certificate(certificate);
    expect(parsed.checkHost('chat-cipherchat-web.chat.svc')).toBe('chat-cipherchat-web.chat.svc');
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(parsed.verify(new X509Certificate(authority).publicKey)).toBe(true);
  });
});

describe('what operators see', () => {
  it('are the dashboards of deploy/grafana, byte for byte', () => {
    const folder = path.join(root, 'deploy/grafana/dashboards');
    const shown = Object.assign(
      {},
      ...ofKind(production, 'ConfigMap')
        .filter(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1')
        .map(({ data }) => data),
    ) as Readonly<Record<string, string>>;
    expect(Object.keys(shown).toSorted()).toEqual(readdirSync(folder).toSorted());
    for (const [file, text] of Object.entries(shown))
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  });

  it('are the alerts of deploy/prometheus, which lead to where the runbooks are', () => {
    const folder = path.join(root, 'deploy/prometheus/rules');
    const rules = ofKind(production, 'PrometheusRule').map(({ spec }) => JSON.stringify(spec));
    const expected = readdirSync(folder).map((file) =>
      JSON.stringify(parse(readFileSync(path.join(folder, file), 'utf8'))).replaceAll(
        'docs/runbooks/',
        'https://runbooks.example.org/cipherchat/',
      ),
    );
    expect(rules.toSorted()).toEqual(expected.toSorted());
  });

  it('is every service, by the name that dashboards ask for', () => {
    const monitors = ofKind(production, 'ServiceMonitor').map(({ spec }) => JSON.stringify(spec));
    for (const service of ['auth', 'key-directory', 'message-store', 'gateway', 'probe'])
      expect(
        monitors.filter((text) => text.includes(`{"targetLabel":"service","replacement":"${service}"}`)),
      ).toHaveLength(1);
    for (const text of monitors) expect(text).toContain('{"targetLabel":"job","replacement":"cipherchat"}');
  });
});

function webConfiguration(scenario: RenderedScenario): Readonly<Record<string, string>> {
  return (
    ofKind(scenario, 'ConfigMap').find(({ metadata }) => metadata.name === 'chat-cipherchat-web')?.data ?? {}
  );
}
