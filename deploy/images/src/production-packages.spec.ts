import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { temporaryFolder, type TemporaryFolder } from '@cipherchat/test-kit';
import { productionPackages } from './production-packages.js';

let folder: TemporaryFolder;
beforeEach(() => void (folder = temporaryFolder('packages')));
afterEach(() => folder.remove());

function install(at: string, manifest: object): void {
  mkdirSync(path.join(folder.path, at), { recursive: true });
  writeFileSync(path.join(folder.path, at, 'package.json'), JSON.stringify(manifest));
}

const found = () => productionPackages({ root: folder.path, of: ['apps/one'] });

it('are what a package needs and what these need, each the version that Node would find there', () => {
  install('apps/one', { name: 'one', version: '1.0.0', dependencies: { ours: '1', deep: '1' } });
  install('libs/ours', {
    name: 'ours',
    version: '1.0.0',
    license: 'Apache-2.0',
    dependencies: { deep: '2' },
  });
  install('libs/ours/node_modules/deep', { name: 'deep', version: '2.0.0', license: 'MIT' });
  install('node_modules/deep', { name: 'deep', version: '1.0.0', license: 'MIT' });
  install('node_modules/other', { name: 'other', version: '1.0.0' });
  symlinkSync('../libs/ours', path.join(folder.path, 'node_modules/ours'));
  const { packages, links } = found();
  expect(packages.map(({ folder: at, version, kind }) => [at, version, kind])).toEqual([
    ['apps/one', '1.0.0', 'ours'],
    ['libs/ours', '1.0.0', 'ours'],
    ['libs/ours/node_modules/deep', '2.0.0', 'outside'],
    ['node_modules/deep', '1.0.0', 'outside'],
  ]);
  expect([...links]).toEqual([['node_modules/ours', '../libs/ours']]);
});

it('are none that only building, testing or another use of a package needs, installed as they may be', () => {
  install('apps/one', {
    name: 'one',
    version: '1.0.0',
    dependencies: { client: '1' },
    devDependencies: { tester: '1' },
  });
  install('node_modules/client', {
    name: 'client',
    version: '1.0.0',
    dependencies: { native: '1' },
    optionalDependencies: { native: '1' },
    peerDependencies: { compiler: '1', runtime: '1' },
    peerDependenciesMeta: { compiler: { optional: true } },
  });
  for (const name of ['tester', 'native', 'compiler', 'runtime'])
    install(`node_modules/${name}`, { name, version: '1.0.0' });
  expect(found().packages.map(({ name }) => name)).toEqual(['one', 'client', 'runtime']);
});

it('are not what was said to be left out', () => {
  install('apps/one', { name: 'one', version: '1.0.0', dependencies: { crypto: '1' } });
  install('node_modules/crypto', { name: 'crypto', version: '1.0.0', dependencies: { engine: '1' } });
  install('node_modules/engine', { name: 'engine', version: '1.0.0' });
  const { packages } = productionPackages({ root: folder.path, of: ['apps/one'], without: ['engine'] });
  expect(packages.map(({ name }) => name)).toEqual(['one', 'crypto']);
});

it('must all be installed', () => {
  install('apps/one', { name: 'one', version: '1.0.0', dependencies: { gone: '1' } });
  expect(found).toThrow('one needs gone, which is not installed');
});
