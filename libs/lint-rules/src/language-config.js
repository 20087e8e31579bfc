import { configFiles, testFiles } from './file-sets.js';

/** What our TypeScript looks like (conventions: Shape). */
export const languageConfig = [
  {
    name: 'cipherchat/language',
    files: ['**/*.{ts,tsx,js,mjs}'],
    rules: {
      'cipherchat/names': 'error',
      'cipherchat/no-default-export': 'error',
      'cipherchat/no-export-all': 'error',
      // `!= null` says "neither null nor undefined".
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      // A file splits when it nears this: comments count, since a reader reads them too.
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    name: 'cipherchat/language/typescript',
    files: ['**/*.{ts,tsx}'],
    rules: {
      'cipherchat/no-enum': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-namespace': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
    },
  },
  {
    name: 'cipherchat/language/metrics',
    files: ['{apps,libs}/**/*.ts'],
    // They hand prom-client what the catalogue has; and a spec shows what happens to a value that was forced in.
    ignores: ['libs/telemetry/src/{metrics,series,node-metrics}.ts', '**/*.spec.ts'],
    rules: { 'cipherchat/metrics': 'error' },
  },
  {
    name: 'cipherchat/language/tests',
    files: testFiles,
    rules: { '@typescript-eslint/no-explicit-any': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    name: 'cipherchat/language/specs',
    files: ['**/*.spec.ts'],
    rules: { 'max-lines': ['error', { max: 500 }] },
  },
  {
    // Every sentence of a language, every metric: one list, however long.
    name: 'cipherchat/language/catalogues',
    files: ['apps/web/src/catalogue/*.ts', 'libs/telemetry/src/metric-catalogue.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    name: 'cipherchat/language/config-files',
    files: configFiles,
    rules: { 'cipherchat/no-default-export': 'off' },
  },
];
