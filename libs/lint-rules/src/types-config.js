import tseslint from 'typescript-eslint';
import { configFiles, testFiles } from './file-sets.js';

/** Rules that need types: each holds something that the compiler does not. */
export const typesConfig = [
  {
    name: 'cipherchat/types',
    files: ['{apps,libs,deploy,k8s/local,load-tests}/**/src/**/*.{ts,tsx}', 'apps/web/e2e/**/*.ts'],
    ignores: configFiles,
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // A promise that nobody waits for is an error that nobody sees, and an acknowledgement before its commit.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      // A new kind of a union must be handled, or refused, at each place that tells the kinds apart.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      // `any` also comes in from JSON.parse and from packages: it stops where it enters.
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
    },
  },
  {
    name: 'cipherchat/types/tests',
    files: testFiles,
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
];

/** The parser and plugin, for every TypeScript file. */
export const typescriptConfig = {
  name: 'cipherchat/typescript',
  files: ['**/*.{ts,tsx}'],
  languageOptions: { parser: tseslint.parser },
  plugins: { '@typescript-eslint': tseslint.plugin },
};
