/** What tests of the Helm chart run, and where they find what Kubernetes and its extensions accept: all of it Go modules. */
import path from 'node:path';
import { environment, inheritedEnvironment } from './config.js';
import { ExplainedError } from './explained-error.js';
import { findProgram, isExecutable, programCache, run } from './find-program.js';
import { buildWithGo, type Say } from './install-program.js';

export type HelmMajor = 3 | 4;

/** Built where another is installed, or none. From the first on it has what the chart uses. */
const helmModules = {
  3: { module: 'helm.sh/helm/v3/cmd/helm', version: '3.22.0', leastMinor: 18 },
  4: { module: 'helm.sh/helm/v4/cmd/helm', version: '4.3.1', leastMinor: 0 },
} as const;
const kubeconform = { module: 'github.com/yannh/kubeconform/cmd/kubeconform', version: '0.8.0' } as const;

/** The Helm to run: one that it built before, the installed one where it is of this major version, else Go builds it. */
export async function helmProgram(params: { readonly major: HelmMajor; readonly say: Say }): Promise<string> {
  const { major, say } = params;
  const { helm } = environment();
  if (helm !== undefined) return helm;
  const { module, version, leastMinor } = helmModules[major];
  const folder = path.join(programCache(), `helm-${major}`);
  for (const file of [path.join(folder, 'helm'), findProgram('helm')]) {
    if (file === undefined || !isExecutable(file)) continue;
    const { stdout } = await run({ program: file, args: ['version', '--short'] });
    const [, is, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? [];
    if (Number(is) === major && Number(minor) >= leastMinor) return file;
  }
  return (
    (await buildWithGo({ program: 'helm', folder, module, version, takes: 'two or three minutes', say })) ??
    goIsNeeded(`helm ${version}`)
  );
}

/** Holds manifests against schemas. */
export async function kubeconformProgram(say: Say): Promise<string> {
  const folder = programCache();
  const file = [path.join(folder, 'kubeconform'), findProgram('kubeconform')].find(
    (each) => each !== undefined && isExecutable(each),
  );
  return (
    file ??
    (await buildWithGo({
      program: 'kubeconform',
      folder,
      ...kubeconform,
      takes: 'less than a minute',
      say,
    })) ??
    goIsNeeded('kubeconform')
  );
}

/** The folder of a Go module's sources, which Go downloads once per user. */
export async function goModule(params: {
  readonly module: string;
  readonly version: string;
}): Promise<string> {
  const { module, version } = params;
  const go = findProgram('go') ?? goIsNeeded(module);
  const { stdout, stderr } = await run({
    program: go,
    args: ['mod', 'download', '-json', `${module}@v${version}`],
    env: inheritedEnvironment({ GOFLAGS: '' }),
  });
  const { Dir: folder, Error: error } = JSON.parse(stdout === '' ? '{}' : stdout) as {
    readonly Dir?: string;
    readonly Error?: string;
  };
  if (folder !== undefined && error === undefined) return folder;
  throw new ExplainedError(`Go could not download ${module} ${version}: ${error ?? stderr.trim()}`);
}

function goIsNeeded(what: string): never {
  throw new ExplainedError(`${what} is missing. To get it: install Go (it then comes by itself).`);
}
