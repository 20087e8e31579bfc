import tseslint from 'typescript-eslint';

// The rules live in libs/lint-rules; this file only names them.
export default [
  { ignores: ['**/dist/', '**/generated/', '**/pkg/', '**/target/', '.data/', '.nx/', '.cache/'] },
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
];
