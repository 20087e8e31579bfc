const product = '^(apps|libs|deploy/local|k8s/local|load-tests)/';
const testCode = '(\\.spec|[.-]fixture|/write-golden)\\.ts$|/(testing|churn|scenarios|bench|e2e)/';

/**
 * What ESLint cannot see from one file: cycles, and what is reached over several imports (dependency-cruiser runs
 * these, `npm run check:cycles`). Which package may import which by name is in layers.js.
 *
 * @type {import('dependency-cruiser').IForbiddenRuleType[]}
 */
export const reachRules = [
  {
    name: 'no-cycle',
    comment:
      'Neither of the two can be read, tested or changed alone. Move what both need into a file below them, or pass it in.',
    severity: 'error',
    from: { path: product },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'servers-reach-no-secret-cryptography',
    comment:
      'That a server cannot open a message rests on this: all the cryptography it can reach, over however many imports, is crypto/verify. Move a check that needs only public keys into libs/crypto/src/verify.',
    severity: 'error',
    from: {
      path: '^(apps/(auth|key-directory|gateway|message-store|media|push)|libs/(service-kit|telemetry))/src/',
      pathNot: testCode,
    },
    to: { path: '^libs/(mls-wasm/|client-sdk/|crypto/src/(?!verify/))', reachable: true },
  },
  {
    name: 'verify-stands-alone',
    comment:
      'crypto/verify is what servers load: it must not grow by what clients need. Move what both need into libs/crypto/src/verify.',
    severity: 'error',
    from: { path: '^libs/crypto/src/verify/', pathNot: testCode },
    to: { path: '^libs/(mls-wasm/|crypto/src/(?!verify/))' },
  },
  {
    name: 'product-reaches-no-test-code',
    comment:
      'What ships must not need what only tests load. Move the code out of the fixture, beside its product user.',
    severity: 'error',
    from: {
      path: '^(apps|libs)/',
      pathNot: `${testCode}|^libs/(test-kit|blind-check|browser-suite|crypto-suite|simulation)/`,
    },
    to: {
      path: `^(apps|libs)/.*(${testCode})|^libs/(test-kit|blind-check|browser-suite|crypto-suite|simulation)/`,
    },
  },
  {
    name: 'resolvable',
    comment:
      'The import leads nowhere: correct the path, or add the package to the package.json of the folder.',
    severity: 'error',
    from: { path: product },
    // A query asks the web app's bundler for a file's address: the build fails where there is none.
    to: { couldNotResolve: true, pathNot: '[?]' },
  },
];
