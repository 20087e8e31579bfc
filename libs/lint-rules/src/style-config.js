import css from '@eslint/css';

/** Style sheets. The app is read from either side: what stands at the left in one language stands at the right in another. */
export const styleConfig = [
  {
    name: 'cipherchat/styles',
    files: ['**/*.css'],
    plugins: { css },
    language: 'css/css',
    rules: {
      'cipherchat/layers': 'off',
      'css/no-duplicate-imports': 'error',
      'css/no-empty-blocks': 'error',
      'css/no-invalid-at-rules': 'error',
      'css/no-invalid-properties': ['error', { allowUnknownVariables: true }],
      'css/prefer-logical-properties': [
        'error',
        // Up and down stay where they are in every language here, and so do the measures of the window.
        { allowProperties: ['overflow-x', 'overflow-y'], allowUnits: ['vw', 'vh', 'dvh'] },
      ],
    },
  },
];
