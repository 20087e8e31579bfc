import { expect, it } from '@jest/globals';
import { sbomOf } from './sbom.js';

it('lists everything in an image once, by the addresses that scanners look up', () => {
  const sbom = sbomOf({
    image: 'cipherchat/auth',
    version: '0.1.0',
    packages: [
      {
        name: '@nestjs/core',
        version: '12.5.1',
        license: 'MIT',
        folder: 'node_modules/@nestjs/core',
        kind: 'outside',
      },
      {
        name: 'qs',
        version: '6.0.0',
        license: '(MIT OR Apache-2.0)',
        folder: 'node_modules/qs',
        kind: 'outside',
      },
      {
        name: 'qs',
        version: '6.0.0',
        license: '(MIT OR Apache-2.0)',
        folder: 'node_modules/a/node_modules/qs',
        kind: 'outside',
      },
      {
        name: 'silent',
        version: '1.0.0',
        license: 'NOASSERTION',
        folder: 'node_modules/silent',
        kind: 'outside',
      },
    ],
    integrity: new Map([
      ['node_modules/@nestjs/core', `sha512-${Buffer.alloc(64, 0xab).toString('base64')}`],
    ]),
    programs: [{ name: 'node', version: '24.21.0' }],
    debian: [{ name: 'libc6', version: '2.36-9+deb12u1' }],
  });
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'container', name: 'cipherchat/auth', version: '0.1.0' } },
  });
  const { components } = sbom as { readonly components: readonly Record<string, unknown>[] };
  expect(components.map(({ purl }) => purl)).toEqual([
    'pkg:npm/%40nestjs/core@12.5.1',
    'pkg:npm/qs@6.0.0',
    'pkg:npm/silent@1.0.0',
    'pkg:generic/node@24.21.0',
    'pkg:deb/debian/libc6@2.36-9%2Bdeb12u1',
  ]);
  expect(components[0]).toMatchObject({
    licenses: [{ expression: 'MIT' }],
    hashes: [{ alg: 'SHA-512', content: 'ab'.repeat(64) }],
  });
  expect(components[1]).toMatchObject({ licenses: [{ expression: '(MIT OR Apache-2.0)' }] });
  expect(components[2]).not.toHaveProperty('licenses');
});
