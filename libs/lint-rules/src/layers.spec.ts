import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { layers } from './layers.js';
import { messagesOf } from './lint-snippet.fixture.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const packages = ['apps', 'libs', 'deploy', 'k8s/local', 'load-tests'].flatMap((group) =>
  (existsSync(path.join(root, group)) ? readdirSync(path.join(root, group)) : [])
    .map((name) => `${group}/${name}`)
    .filter((folder) => existsSync(path.join(root, folder, 'package.json'))),
);
const importable = [...packages.map((folder) => path.basename(folder)), 'crypto/verify'];
const importOf = (name: string): string => `import { x } from '@cipherchat/${name}';\nx();\n`;

/** What `file` is told about its layer when it contains `code`. */
const refusals = (file: string, code: string): string[] =>
  messagesOf({ file, code })
    .filter(({ ruleId }) => ruleId === 'cipherchat/layers')
    .map(({ message }) => message);

describe('the layers', () => {
  it('have a place for every package of the repository', () => {
    expect(packages.filter((folder) => !layers.some((layer) => layer.folder === folder))).toEqual([]);
  });

  it.each(layers.map((layer) => [layer.folder, layer] as const))(
    'refuse every import of %s but its own, and say what to do instead',
    (folder, { may, whenNot }) => {
      const own = path.basename(folder);
      for (const name of importable.filter((other) => other !== own)) {
        const allowed = may.some((entry) => name === entry || name === `${entry}/verify`);
        const found = refusals(`${folder}/src/feature.ts`, importOf(name));
        expect({ name, refused: found.length > 0 }).toEqual({ name, refused: !allowed });
        for (const message of found) {
          expect(message).toContain(`${folder} may import`);
          expect(message).toContain(`not @cipherchat/${name}.`);
          expect(message).toContain(whenNot);
        }
      }
    },
  );

  it.each([
    ['apps/message-store/src/append/append-path.ts', 'crypto', /only carries ciphertext/],
    ['apps/gateway/src/socket/connection.ts', 'crypto/verify', /only carries ciphertext/],
    ['apps/auth/src/sessions/session.service.ts', 'crypto', /import @cipherchat\/crypto\/verify/],
    [
      'apps/key-directory/src/manifests/manifest.service.ts',
      'mls-wasm',
      /import @cipherchat\/crypto\/verify/,
    ],
    ['apps/auth/src/main.ts', 'gateway', /Services meet over NATS and HTTP only/],
    ['libs/crypto/src/engine.ts', 'protocol', /pass the value in as bytes or a branded id/],
    ['libs/protocol/src/frames.ts', 'crypto', /bottom layer/],
    ['libs/client-sdk/src/client.ts', 'service-kit', /belongs in libs\/protocol/],
    ['apps/cli/src/main.ts', 'crypto', /use @cipherchat\/client-sdk/],
    ['libs/client-sdk/src/client.ts', 'test-kit', /person’s device/],
    ['libs/service-kit/src/service.ts', 'blind-check', /what every service needs to start/],
  ])('tell %s, which imports %s, where the code belongs', (file, name, advice) => {
    expect(refusals(file, importOf(name))).toEqual([expect.stringMatching(advice)]);
  });

  it('let auth and key-directory check signatures', () => {
    for (const service of ['auth', 'key-directory'])
      expect(refusals(`apps/${service}/src/feature.ts`, importOf('crypto/verify'))).toEqual([]);
  });

  it('let the tests of a service start real servers, but not its product code', () => {
    expect(refusals('apps/gateway/src/socket/delivery.integration.spec.ts', importOf('test-kit'))).toEqual(
      [],
    );
    expect(refusals('apps/gateway/src/gateway-world.fixture.ts', importOf('test-kit'))).toEqual([]);
    expect(refusals('apps/gateway/src/socket/connection.ts', importOf('test-kit'))).toHaveLength(1);
  });

  it('let the stories of the gateway have a real store at the other end, and nothing else of it', () => {
    const story = 'apps/gateway/src/gateway-world.fixture.ts';
    expect(refusals(story, importOf('message-store/service'))).toEqual([]);
    expect(refusals(story, importOf('message-store'))).toHaveLength(1);
    expect(refusals('apps/gateway/src/main.ts', importOf('message-store/service'))).toHaveLength(1);
    expect(refusals('apps/auth/src/testing/auth-world.ts', importOf('key-directory/service'))).toHaveLength(
      1,
    );
  });

  it('see every way to import', () => {
    for (const code of [
      "import type { X } from '@cipherchat/crypto';\nexport type Y = X;\n",
      "export { x } from '@cipherchat/crypto';\n",
      "export * from '@cipherchat/crypto';\n",
      "const x = await import('@cipherchat/crypto');\nx();\n",
      "export type X = import('@cipherchat/crypto').X;\n",
    ])
      expect(refusals('libs/protocol/src/frames.ts', code)).toHaveLength(1);
  });

  it('refuse a path that goes round the index of another package', () => {
    expect(
      refusals(
        'apps/gateway/src/main.ts',
        "import { x } from '../../message-store/src/message-store.js';\nx();\n",
      ),
    ).toEqual([expect.stringContaining('Import a package by its name')]);
    expect(refusals('apps/gateway/src/socket/a.ts', "import { x } from '../main.js';\nx();\n")).toEqual([]);
  });

  it('let a bench use its own package by name, and no source', () => {
    expect(refusals('libs/crypto/bench/mls.mjs', importOf('crypto'))).toEqual([]);
    expect(refusals('libs/crypto/src/engine.ts', importOf('crypto'))).toHaveLength(1);
  });

  it('are part of what npm run lint checks', async () => {
    const eslint = new ESLint({ cwd: root });
    for (const folder of packages) {
      const file = path.join(root, folder, 'src/index.ts');
      const config = (await eslint.calculateConfigForFile(file)) as { rules: Record<string, unknown> };
      expect(config.rules['cipherchat/layers']).toEqual([2, expect.objectContaining({ folder })]);
    }
  });
});
