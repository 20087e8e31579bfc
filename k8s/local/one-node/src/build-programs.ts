/** Builds the programs from pinned Go modules, once, by hand: no test and no continuous integration ever does. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ExplainedError,
  findProgram,
  goModule,
  inheritedEnvironment,
  programCache,
  run,
  type Say,
} from '@cipherchat/test-kit';
import { programsFolder } from './config.js';

const kubernetesVersion = '1.34.4';
const metricsServer = 'sigs.k8s.io/metrics-server/cmd/metrics-server@v0.9.0';
const partsOfKubernetes = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubelet',
] as const;
/** Each links to it. */
const allOfKubernetes = 'hyperkube';
const sources = fileURLToPath(new URL('../programs', import.meta.url));
const stamp = 'k8s.io/component-base/version';
/** Symbols of debuggers double what is compiled and written. */
const without = ['-ldflags=-s -w', '-gcflags=all=-dwarf=false'] as const;

/** @throws ExplainedError with what Go said */
export async function buildPrograms(say: Say): Promise<void> {
  const to = programsFolder();
  mkdirSync(to, { recursive: true });
  say(
    `Building the programs of a one-node cluster into ${to}, niced: some 20 minutes on two cores, once. Not beside a measurement.`,
  );
  const step = async (name: string, build: () => Promise<void>): Promise<void> => {
    const startedAtMs = performance.now();
    await build();
    say(`Built ${name} in ${Math.round((performance.now() - startedAtMs) / 1_000)} s.`);
  };
  const module = (name: string, requirement: string): Promise<void> =>
    step(name, async () => {
      const folder = prepare(name, `module one-node/${name}\n\ngo 1.25.0\n\n${requirement}\n`);
      await go(folder, ['build', ...without, '-o', path.join(to, name), '.']);
    });
  await module('pause', '');
  await module('etcd', 'require go.etcd.io/etcd/server/v3 v3.6.14');
  await module('coredns', 'require github.com/coredns/coredns v1.14.3');
  await step('metrics-server', () => go(to, ['install', ...without, metricsServer]));
  await step(`Kubernetes ${kubernetesVersion}, netpol`, () => buildKubernetes(to));
}

async function buildKubernetes(to: string): Promise<void> {
  const upstream = await goModule({ module: 'k8s.io/kubernetes', version: kubernetesVersion });
  const text = readFileSync(path.join(upstream, 'go.mod'), 'utf8');
  const folder = prepare('kubernetes', moduleOnKubernetes(text, kubernetesVersion));
  cpSync(path.join(sources, 'network-policy'), path.join(folder, 'network-policy'), { recursive: true });
  const [, minor = ''] = kubernetesVersion.split('.');
  const stamps = Object.entries({
    gitVersion: `v${kubernetesVersion}`,
    gitMajor: '1',
    gitMinor: minor,
    gitTreeState: 'clean',
  }).map(([name, value]) => `-X ${stamp}.${name}=${value}`);
  const [strip, symbols] = without;
  const program = path.join(to, allOfKubernetes);
  await go(folder, ['build', `${strip} ${stamps.join(' ')}`, symbols, '-o', program, '.']);
  for (const name of partsOfKubernetes) {
    rmSync(path.join(to, name), { force: true });
    symlinkSync(allOfKubernetes, path.join(to, name));
  }
  await go(folder, ['build', ...without, '-o', path.join(to, 'netpol'), './network-policy']);
}

/**
 * Kubernetes' own go.mod takes its staged modules from folders that its module does not bring: they are published with its version,
 * as 0 instead of 1.
 */
export function moduleOnKubernetes(upstream: string, version: string): string {
  const settings = upstream.match(/^(go|godebug) .*$/gm) ?? [];
  const staged = [...upstream.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)].map(([, name]) => name);
  const published = `v${version.replace(/^1\./, '0.')}`;
  return [
    'module one-node/kubernetes',
    ...settings,
    `require k8s.io/kubernetes v${version}`,
    ...staged.map((name) => `replace ${name} => ${name} ${published}`),
    '',
  ].join('\n');
}

/** A folder in which Go may write down what else it takes. */
function prepare(name: string, module: string): string {
  const folder = path.join(programCache(), '..', 'one-node', name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(path.join(sources, name), folder, { recursive: true });
  writeFileSync(path.join(folder, 'go.mod'), module);
  return folder;
}

async function go(cwd: string, args: readonly string[]): Promise<void> {
  const [program, nice] = [findProgram('go'), findProgram('nice')];
  if (program === undefined || nice === undefined)
    throw new ExplainedError('Go is missing: go.dev/doc/install.');
  const { status, stderr } = await run({
    program: nice,
    args: ['-n', '19', program, ...args],
    cwd,
    env: inheritedEnvironment({
      CGO_ENABLED: '0',
      GOBIN: programsFolder(),
      GOFLAGS: '-mod=mod -trimpath -buildvcs=false',
    }),
  });
  if (status !== 0) throw new ExplainedError(`go ${args[0]} failed in ${cwd}:\n${stderr.trim()}`);
}
