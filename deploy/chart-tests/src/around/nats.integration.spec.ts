/** The NATS around the chart lets each service say and hear what deploy/nats says, and nats-server takes its configuration. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { natsServerProgram, run, temporaryFolder } from '@cipherchat/test-kit';
import { root } from '../chart.js';
import { everyScenario, ofKind } from '../scenarios.fixture.js';
import { theOnly } from './around.fixture.js';

const files = theOnly('ConfigMap', 'nats').data ?? {};
const users = files['authorization.conf'] ?? '';

type Permissions = Readonly<
  Record<string, { readonly publish: readonly string[]; readonly subscribe: readonly string[] }>
>;
const permissions = JSON.parse(
  readFileSync(path.join(root, 'deploy/nats/permissions.json'), 'utf8'),
) as Permissions;

const subjects = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);

describe('users', () => {
  it('have the permissions of deploy/nats, and no others', () => {
    const found = Object.fromEntries(
      [
        ...users.matchAll(/user: ([a-z-]+)\s[\s\S]*?publish: \{([\s\S]*?)\}\s+subscribe: \{([\s\S]*?)\}/g),
      ].map(([, user = '', publish = '', subscribe = '']) => [
        user,
        { publish: subjects(publish), subscribe: subjects(subscribe) },
      ]),
    );
    expect(found).toEqual(permissions);
    expect(users.match(/allow_responses: true/g)).toHaveLength(Object.keys(permissions).length);
  });
});

describe('nats-server', () => {
  it('takes the configuration, with passwords as the Secret holds them', async () => {
    const folder = temporaryFolder('around-nats');
    try {
      const tls = ofKind({ objects: everyScenario.flatMap(({ objects }) => objects) }, 'Secret').find(
        ({ metadata }) => metadata.name.endsWith('-tls'),
      )?.stringData;
      for (const [name, text] of Object.entries({ ...files, ...tls }))
        writeFileSync(path.join(folder.path, name), text.replaceAll('/etc/nats/tls', folder.path));
      const passwords = Object.keys(permissions).map((user) => [
        `${user.toUpperCase().replaceAll('-', '_')}_PASSWORD`,
        '"1e5 and $more"',
      ]);
      const { status, stderr, stdout } = await run({
        program: await natsServerProgram(() => {}),
        args: ['-t', '--config', path.join(folder.path, 'nats.conf')],
        env: { POD_NAME: 'nats-0', ...Object.fromEntries(passwords) },
      });
      expect({ status, said: `${stdout}${stderr}` }).toEqual({
        status: 0,
        said: expect.stringContaining('is valid'),
      });
    } finally {
      folder.remove();
    }
  });
});
