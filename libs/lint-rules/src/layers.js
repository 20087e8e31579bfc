/**
 * Which package may import which. This table is the architecture: `crypto/verify` is all the cryptography that a
 * server can reach, and that a service cannot open a message follows from it.
 *
 * `may` lists the packages of this repository that product code may import; `whenNot` tells a person what to do with
 * an import that it refuses. Specs, fixtures and `testing/` folders may besides import what `testsMay` lists. What
 * stands outside `src` (a bench) may use its own package by name, as a stranger would.
 *
 * @typedef {{ folder: string, may: readonly string[], testsMay?: readonly string[], whenNot: string }} Layer
 */

const serviceAdvice =
  'Services meet over NATS and HTTP only: put the shape into libs/protocol, and what every service needs to start into libs/service-kit.';

/** @type {readonly Layer[]} */
export const layers = [
  {
    folder: 'libs/protocol',
    may: [],
    whenNot:
      'protocol is the bottom layer and knows only what crosses a process boundary: move the code up, or the shape down into protocol.',
  },
  {
    folder: 'libs/mls-wasm',
    may: [],
    whenNot: 'mls-wasm is only the binding to the engine: what decides anything belongs in libs/crypto.',
  },
  {
    folder: 'libs/crypto',
    may: ['mls-wasm'],
    whenNot:
      'crypto has no sibling but its engine, so that it can be read and audited alone: pass the value in as bytes or a branded id.',
  },
  {
    folder: 'libs/client-sdk',
    may: ['protocol', 'crypto'],
    testsMay: ['test-kit', 'browser-suite'],
    whenNot:
      'client-sdk runs on a person’s device and uses protocol and crypto only: what a service needs too belongs in libs/protocol.',
  },
  {
    folder: 'libs/telemetry',
    may: ['protocol'],
    whenNot:
      'telemetry names what is measured and logged, and measures nothing itself: count in the service, or put the shape into libs/protocol.',
  },
  {
    folder: 'libs/service-kit',
    may: ['protocol', 'telemetry'],
    testsMay: ['test-kit'],
    whenNot:
      'service-kit holds what every service needs to start, and uses protocol and telemetry only: pass the rest in from the service.',
  },
  {
    folder: 'libs/migrations',
    may: [],
    whenNot:
      'migrations runs before any service and brings tables forward from the files in apps/<service>/prisma: it uses no package of this repository.',
  },
  {
    folder: 'libs/test-kit',
    may: ['migrations'],
    whenNot:
      'test-kit starts servers for every package’s tests, so it can use none of them: keep the code in the package’s own fixture.',
  },
  {
    folder: 'libs/browser-suite',
    may: ['test-kit'],
    whenNot: 'browser-suite runs specs in a browser and knows none: keep what a spec needs beside the spec.',
  },
  {
    folder: 'libs/crypto-suite',
    may: ['test-kit', 'browser-suite'],
    whenNot:
      'crypto-suite only runs the specs of libs/crypto, here and in a browser: what a spec needs belongs into libs/crypto.',
  },
  {
    folder: 'libs/blind-check',
    // The lists of what may be shown.
    may: ['protocol', 'crypto', 'client-sdk', 'telemetry', 'test-kit'],
    whenNot:
      'blind-check watches the system from outside: reach a service through its sockets and its stored data, never its code.',
  },
  {
    folder: 'libs/simulation',
    // The real append path and the real sessions, without their services.
    may: [
      'protocol',
      'crypto',
      'client-sdk',
      'client-sdk/testing',
      'service-kit',
      'telemetry',
      'gateway/delivery',
      'message-store/delivery',
      // Real Postgres, for the same questions.
      'test-kit',
    ],
    whenNot:
      'simulation runs what decides how messages travel, by the `delivery` entries of the services: add there what is missing.',
  },
  {
    folder: 'libs/lint-rules',
    may: [],
    whenNot: 'lint-rules must load before anything is built: it uses no package of this repository.',
  },
  ...['auth', 'key-directory'].map((service) => ({
    folder: `apps/${service}`,
    may: ['service-kit', 'telemetry', 'protocol', 'crypto/verify'],
    testsMay: ['test-kit', 'crypto'],
    whenNot: `A server may check signatures and nothing more: import @cipherchat/crypto/verify. ${serviceAdvice}`,
  })),
  ...['gateway', 'message-store', 'media', 'push'].map((service) => ({
    folder: `apps/${service}`,
    may: ['service-kit', 'telemetry', 'protocol'],
    // The gateway's stories have a real store at their other end. The entry defines the service and starts nothing.
    testsMay: service === 'gateway' ? ['test-kit', 'message-store/service'] : ['test-kit'],
    whenNot: `This service only carries ciphertext and needs no cryptography. ${serviceAdvice}`,
  })),
  ...['cli', 'web'].map((client) => ({
    folder: `apps/${client}`,
    // The page names the engine's file, so that it loads beside the scripts.
    // The probe of the command line shows metrics as services do.
    may: client === 'web' ? ['client-sdk', 'mls-wasm/mls.wasm?url'] : ['client-sdk', 'telemetry'],
    // The web app's stories have a server that lies, with keys of its own, and a passkey.
    testsMay: client === 'web' ? ['test-kit', 'crypto', 'browser-suite/passkey'] : ['test-kit'],
    whenNot:
      'A client is a face of the SDK: use @cipherchat/client-sdk, and add to its index.ts what is missing there.',
  })),
  {
    folder: 'load-tests/people',
    may: ['protocol', 'crypto'],
    whenNot: 'Accounts for load are made as clients make them: by the routes of protocol.',
  },
  ...['delivery', 'faults', 'k6'].map((test) => ({
    folder: `load-tests/${test}`,
    may: ['protocol', 'crypto', 'client-sdk', 'test-kit', 'load-people'],
    whenNot:
      'A load test meets the system as clients do: use its sockets and routes, never a service’s code.',
  })),
  {
    folder: 'load-tests/observability',
    may: ['client-sdk', 'test-kit', 'load-people', 'grafana'],
    whenNot:
      'What operators see is measured from outside: by clients, the probe and Prometheus, never by a service’s code.',
  },
  {
    folder: 'load-tests/cluster',
    // The writer of archives, for images of stores.
    may: ['test-kit', 'faults', 'images'],
    whenNot:
      'A cluster is changed by kubectl and Helm and met by the clients of test:faults, never by a service’s code.',
  },
  {
    folder: 'load-tests/compose',
    may: ['test-kit', 'faults', 'images'],
    whenNot:
      'What Compose runs is changed by Docker and met by the clients of test:faults, never by a service’s code.',
  },
  {
    folder: 'deploy/grafana',
    may: [],
    testsMay: ['telemetry'],
    whenNot:
      'deploy/grafana writes files that ask for metrics by name: only its specs look into the catalogue, whether they exist.',
  },
  {
    folder: 'deploy/chart-tests',
    may: ['test-kit'],
    testsMay: ['migrations'],
    whenNot:
      'The chart’s tests read what Helm renders, and the sources that it has to agree with as texts; its specs bring tables forward as an owner whom k8s/postgres makes.',
  },
  {
    folder: 'k8s/local/one-node',
    may: ['test-kit', 'images'],
    whenNot:
      'The one-node cluster is any cluster: what is installed on it belongs into charts, and what tests it into load-tests/cluster.',
  },
  {
    folder: 'deploy/local',
    // crypto-suite, chart-tests: the commands of those tests.
    may: ['protocol', 'test-kit', 'crypto-suite', 'chart-tests', 'images', 'one-node'],
    whenNot:
      'deploy/local starts services as processes: it uses protocol, test-kit and what runs tests or packs them, and never a service’s code.',
  },
  {
    folder: 'deploy/images',
    may: ['test-kit'],
    whenNot:
      'deploy/images packs what was built, and starts it as an operator would: it never uses a service’s code.',
  },
];
