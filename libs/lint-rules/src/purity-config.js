import { commandFiles, configFiles, edgesOfTime, environmentFiles, testFiles } from './file-sets.js';

/** Clock, timers, randomness, environment and output come in at the edge and are passed on from there. */
export const purityConfig = [
  {
    name: 'cipherchat/purity',
    files: ['{apps,libs,deploy,k8s/local,load-tests}/**/*.{ts,tsx,js,mjs}'],
    rules: {
      'cipherchat/no-clock': 'error',
      'cipherchat/no-chance': 'error',
      'cipherchat/no-environment': 'error',
      'no-console': 'error',
    },
  },
  {
    // The simulator runs this code in virtual time. A service's timers belong to Nest providers, which start and stop
    // them with the service, and which the integration tests run as they are; the command line is an edge itself.
    name: 'cipherchat/purity/timers',
    files: ['libs/{protocol,crypto,client-sdk}/**/*.ts'],
    rules: { 'cipherchat/no-timer': 'error' },
  },
  {
    name: 'cipherchat/purity/tests',
    files: testFiles,
    rules: { 'cipherchat/no-clock': 'off', 'cipherchat/no-timer': 'off' },
  },
  {
    name: 'cipherchat/purity/edges',
    files: edgesOfTime,
    rules: { 'cipherchat/no-clock': 'off', 'cipherchat/no-chance': 'off', 'cipherchat/no-timer': 'off' },
  },
  {
    name: 'cipherchat/purity/commands',
    files: commandFiles,
    rules: { 'no-console': 'off', 'cipherchat/no-clock': 'off' },
  },
  {
    name: 'cipherchat/purity/environment',
    files: [...environmentFiles, ...configFiles],
    rules: { 'cipherchat/no-environment': 'off' },
  },
];
