import { expect, it } from '@jest/globals';
import { isKept } from './kept-files.js';

const outside = (file: string): boolean => isKept({ packageName: 'any', kind: 'outside', file });
const ours = (file: string): boolean => isKept({ packageName: '@cipherchat/auth', kind: 'ours', file });
const prisma = (file: string): boolean => isKept({ packageName: '@prisma/client', kind: 'outside', file });

it.each(['package.json', 'index.mjs', 'build/Release/addon.node', 'LICENSE', 'LICENSE.md', 'lib/docs/x.js'])(
  'of others %s is kept',
  (file) => expect(outside(file)).toBe(true),
);

it.each(['index.d.ts', 'src/index.ts', 'index.js.map', 'README.md', 'test/index.js', 'docs/logo.svg'])(
  'of others %s is not',
  (file) => expect(outside(file)).toBe(false),
);

it.each(['package.json', 'dist/main.js', 'bin/cipherchat.js', 'pkg/mls.wasm'])('of ours %s is kept', (file) =>
  expect(ours(file)).toBe(true),
);

it.each([
  'src/main.ts',
  'dist/main.d.ts',
  'dist/main.spec.js',
  'dist/world.fixture.js',
  'dist/testing/model.js',
  'prisma/schema.prisma',
  'bench/run.mjs',
  'tsconfig.json',
])('of ours %s is not', (file) => expect(ours(file)).toBe(false));

it('keeps the query compiler of Postgres, in the one form that is imported', () => {
  const compilers = ['postgresql', 'mysql', 'sqlite'].flatMap((database) =>
    ['fast', 'small'].flatMap((size) =>
      ['mjs', 'js', 'wasm-base64.mjs', 'wasm-base64.js'].map(
        (form) => `runtime/query_compiler_${size}_bg.${database}.${form}`,
      ),
    ),
  );
  expect(compilers.filter(prisma)).toEqual([
    'runtime/query_compiler_fast_bg.postgresql.mjs',
    'runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs',
  ]);
  expect(prisma('runtime/client.mjs')).toBe(true);
});
