import { swcOptions } from './libs/test-kit/swc-options.mjs';

/**
 * Two projects. `unit` (*.spec.ts) needs nothing but Node; `integration` (*.integration.spec.ts) gets real
 * Postgres, NATS and Redis from libs/test-kit, started only when a test of it runs.
 */
const project = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/deploy', '<rootDir>/k8s', '<rootDir>/load-tests'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['/dist/', '/.nx/', '/.data/'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@cipherchat/source', 'node', 'node-addons'] },
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
};

const integrationTest = '\\.integration\\.spec\\.ts$';
/** Run in Chromium, by an integration test. */
const browserTest = '\\.browser\\.spec\\.ts$';

export default {
  // Post-quantum handshakes and real servers, on machines that do other things as well.
  testTimeout: 30_000,
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{apps,libs,k8s/local,load-tests}/*/src/**/*.spec.ts',
        '<rootDir>/deploy/*/src/**/*.spec.ts',
      ],
      testPathIgnorePatterns: ['/node_modules/', integrationTest, browserTest],
    },
    {
      ...project,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/{apps,libs,k8s/local,load-tests}/*/src/**/*.integration.spec.ts',
        '<rootDir>/deploy/*/src/**/*.integration.spec.ts',
      ],
      globalSetup: '<rootDir>/libs/test-kit/jest-global-setup.mjs',
      globalTeardown: '<rootDir>/libs/test-kit/jest-global-teardown.mjs',
    },
  ],
};
