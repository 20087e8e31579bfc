/**
 * An Nx plugin of our own: every package has the same targets, so they are described once. Generated code is
 * no input anywhere (git ignores it, and so does Nx); what it is generated from is.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const unit = {
  name: 'test',
  jestProject: 'unit',
  inputs: ['project', '^production', 'toolchain', 'testing'],
};
const integration = {
  name: 'test-integration',
  jestProject: 'integration',
  // Stories run against real services, whose code no import shows.
  inputs: ['project', 'wholeSystem', '^production', 'toolchain', 'testing'],
};

export const name = 'cipherchat-targets';

export const createNodesV2 = [
  '{libs,apps,deploy,k8s/local,load-tests}/*/package.json',
  (files, _options, { workspaceRoot }) =>
    files.map((file) => {
      const root = dirname(file);
      return [file, { projects: { [root]: { targets: targetsOf({ root, workspaceRoot }) } } }];
    }),
];

function targetsOf({ root, workspaceRoot }) {
  const build = {
    command: `node node_modules/@typescript/native/bin/tsc -b ${root}`,
    dependsOn: ['^build'],
    inputs: ['production', '^production', 'toolchain'],
    outputs: ['{projectRoot}/dist', '{projectRoot}/tsconfig.tsbuildinfo'],
    cache: true,
  };
  // What browsers get, also where a test calls it: Vite would take the environment of that, and Nx would keep what came
  // of it for everybody. The type check is `build`'s.
  const bundle = {
    command: 'vite build --logLevel warn',
    options: { cwd: '{projectRoot}', env: { NODE_ENV: 'production' } },
    inputs: ['production', '^production', { externalDependencies: ['vite'] }],
    outputs: ['{projectRoot}/dist'],
    cache: true,
  };
  return {
    ...(existsSync(join(workspaceRoot, root, 'vite.config.ts')) ? { bundle } : {}),
    ...(existsSync(join(workspaceRoot, root, 'tsconfig.json')) ? { build } : {}),
    lint: {
      command: `eslint --no-warn-ignored --no-error-on-unmatched-pattern ${root}`,
      inputs: [
        'project',
        '^production',
        'toolchain',
        '{workspaceRoot}/eslint.config.js',
        '{workspaceRoot}/libs/lint-rules/**/*',
        { externalDependencies: ['eslint', 'typescript-eslint'] },
      ],
      cache: true,
    },
    [unit.name]: jestTarget(root, unit),
    [integration.name]: jestTarget(root, integration),
  };
}

/** The result goes to a file that Nx keeps with the cache entry, so that `npm test` can add up cached runs too. */
function jestTarget(root, { name, jestProject, inputs }) {
  const result = `.cache/test-results/${root.replaceAll('/', '-')}.${jestProject}.json`;
  return {
    command: `node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js --selectProjects ${jestProject} --passWithNoTests --json --outputFile=${result} ${root}/`,
    inputs,
    outputs: [`{workspaceRoot}/${result}`],
    cache: true,
    metadata: { description: `${name}: jest, project ${jestProject}` },
  };
}
