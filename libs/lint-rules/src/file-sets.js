/**
 * Which files are what. Globs are from the root of the repository; each set is named by what its files may do that
 * others may not.
 */

/** Run by tests only: they may reach further than the product, and shorten with `!` and `any`. */
export const testFiles = [
  '**/*.spec.ts',
  '**/*.fixture.ts',
  '**/*-fixture.ts',
  '**/testing/**/*.ts',
  'apps/web/e2e/**',
  'libs/crypto/src/{churn,scenarios}/**/*.ts',
  'libs/test-kit/**',
  'libs/browser-suite/**',
  'libs/crypto-suite/**',
  'libs/blind-check/**',
  'libs/simulation/**',
  'load-tests/**',
];

/** Tools insist on their names and default exports. */
export const configFiles = [
  '*.config.{js,ts}',
  '.dependency-cruiser.js',
  '**/prisma.config.ts',
  'apps/web/{vite,playwright}.config.ts',
  '**/jest-global-*.mjs',
];

/** Started by a person or by npm: they print, and read the machine's clock once. */
export const commandFiles = [
  'apps/cli/**',
  'deploy/**',
  'k8s/local/**',
  'load-tests/**',
  'libs/browser-suite/**',
  'libs/crypto-suite/**',
  '**/bench/**',
  '**/examples/**',
  '**/build-*.mjs',
  'libs/blind-check/src/main.ts',
  'libs/simulation/src/main.ts',
  'libs/protocol/src/write-golden.ts',
  'libs/protocol/src/reference/write-reference.ts',
  'libs/telemetry/src/reference/write-pages.ts',
];

/**
 * Where the clock, timers and randomness of the machine come in, to be passed on from there. The web app is views: no
 * simulator draws them, and what they decide by time is passed to pure functions.
 */
export const edgesOfTime = ['**/clock.ts', '**/main.ts', '**/ports/**/*.ts', 'apps/web/{src,e2e}/**'];

/** The one file of a package that reads the environment. */
export const environmentFiles = ['**/src/config.ts', 'deploy/local/**', '**/build-*.mjs'];
