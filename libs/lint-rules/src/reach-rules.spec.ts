import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { reachRules } from './reach-rules.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs the rules over a small repository: its files, with the paths that each imports. Returns `rule: from -> to`. */
async function violations(files: Readonly<Record<string, readonly string[]>>): Promise<string[]> {
  const baseDir = mkdtempSync(path.join(tmpdir(), 'cipherchat-reach-'));
  folders.push(baseDir);
  for (const [file, imports] of Object.entries(files)) {
    mkdirSync(path.join(baseDir, path.dirname(file)), { recursive: true });
    const lines = imports.map((target, index) => {
      const relative = path.relative(path.dirname(file), target);
      return `import { x as x${index} } from '${relative.startsWith('.') ? relative : `./${relative}`}';`;
    });
    writeFileSync(path.join(baseDir, file), [...lines, 'export const x = 1;'].join('\n'));
  }
  const { output } = await cruise(
    Object.keys(files).map((file) => file.split('/')[0] ?? ''),
    { baseDir, validate: true, ruleSet: { forbidden: reachRules }, tsPreCompilationDeps: true },
  );
  return (output as ICruiseResult).summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`,
  );
}

describe('what is reached over several imports', () => {
  it('stops a server that reaches secret cryptography through a package that it may import', async () => {
    expect(
      await violations({
        'apps/auth/src/session.ts': ['libs/service-kit/src/access.ts'],
        'libs/service-kit/src/access.ts': ['libs/crypto/src/sealed-record.ts'],
        'libs/crypto/src/sealed-record.ts': [],
      }),
    ).toContain(
      'servers-reach-no-secret-cryptography: apps/auth/src/session.ts -> libs/crypto/src/sealed-record.ts',
    );
  });

  it('stops crypto/verify from growing by what only clients need', async () => {
    expect(
      await violations({
        'apps/key-directory/src/manifest.ts': ['libs/crypto/src/verify/index.ts'],
        'libs/crypto/src/verify/index.ts': ['libs/crypto/src/account-key.ts'],
        'libs/crypto/src/account-key.ts': [],
      }),
    ).toEqual(
      expect.arrayContaining([
        'verify-stands-alone: libs/crypto/src/verify/index.ts -> libs/crypto/src/account-key.ts',
        'servers-reach-no-secret-cryptography: apps/key-directory/src/manifest.ts -> libs/crypto/src/account-key.ts',
      ]),
    );
  });

  it('lets servers check signatures, and clients do everything', async () => {
    expect(
      await violations({
        'apps/auth/src/session.ts': ['libs/crypto/src/verify/index.ts'],
        'libs/crypto/src/verify/index.ts': [],
        'libs/client-sdk/src/client.ts': ['libs/crypto/src/index.ts'],
        'libs/crypto/src/index.ts': ['libs/crypto/src/verify/index.ts', 'libs/mls-wasm/src/index.ts'],
        'libs/mls-wasm/src/index.ts': [],
      }),
    ).toEqual([]);
  });

  it('finds a cycle', async () => {
    const found = await violations({
      'libs/client-sdk/src/a.ts': ['libs/client-sdk/src/b.ts'],
      'libs/client-sdk/src/b.ts': ['libs/client-sdk/src/a.ts'],
    });
    expect(found).toEqual([expect.stringMatching(/^no-cycle: /)]);
  });

  it('keeps fixtures and test-kit out of what ships', async () => {
    expect(
      await violations({
        'apps/gateway/src/socket.ts': [
          'apps/gateway/src/gateway-world.fixture.ts',
          'libs/test-kit/src/index.ts',
        ],
        'apps/gateway/src/gateway-world.fixture.ts': ['libs/test-kit/src/index.ts'],
        'libs/test-kit/src/index.ts': [],
      }),
    ).toEqual([
      'product-reaches-no-test-code: apps/gateway/src/socket.ts -> apps/gateway/src/gateway-world.fixture.ts',
      'product-reaches-no-test-code: apps/gateway/src/socket.ts -> libs/test-kit/src/index.ts',
    ]);
  });
});
