/**
 * Where the tests of load-tests/cluster run: on the cluster of the current kubeconfig; where none answers, on a one-node cluster
 * that lives as long as they do, with images of this checkout; where that cannot be had either, nowhere, and they say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { images, packImages } from '@cipherchat/images';
import { clusterEnvironment, edgeProgram, kubeconfigFile, whyNoCluster } from '@cipherchat/one-node';
import { findProgram, inheritedEnvironment, run, temporaryFolder, type Say } from '@cipherchat/test-kit';
import { build } from './build.js';
import { runGuarded } from './guarded-program.js';
import { onOneNode } from './one-node-lifetime.js';
import { inRoot, root, versionOfProject } from './repository.js';
import type { TestCounts } from './test-results.js';
import { buildWeb } from './web-build.js';

export type ClusterTestParams = {
  /** Of load-tests/cluster. */
  readonly args: readonly string[];
  readonly say: Say;
  /** After which it counts as failed; seen with `--quick`: 3 to 5 minutes. */
  readonly withinMs?: number;
};

export type ClusterOutcome = TestCounts & { readonly exitCode: number };

const skippedExitCode = 3;
/** Whoever says where images come from means the cluster of the kubeconfig. */
const aboutImages = /^--(images|load|stores|traefik)\b/;

export async function testCluster(params: ClusterTestParams): Promise<ClusterOutcome> {
  const { args, say } = params;
  const notThere = args.some((word) => aboutImages.test(word)) ? undefined : await whyNotThere();
  if (notThere === undefined) {
    await build(say, ['load-tests/cluster']);
    return runProgram(params, inheritedEnvironment());
  }
  const notHere = await whyNoCluster(say);
  if (notHere !== undefined) return skip(say, [notThere, notHere]);
  say(`Using a one-node cluster, since ${notThere}.`);
  const outcome = await testOnOneNode(params);
  return outcome.kind === 'used'
    ? outcome.result
    : skip(say, [notThere, `the one-node cluster is in use by process ${outcome.pid}`]);
}

async function testOnOneNode(params: ClusterTestParams) {
  const { args, say } = params;
  await build(say);
  await buildWeb(say);
  const folder = temporaryFolder('cluster-images');
  try {
    say('Packing images of this checkout.');
    const isQuick = args.includes('--quick');
    // Only a case of the whole run has load from inside.
    const wanted = isQuick ? images.filter(({ name }) => name !== 'k6') : images;
    await packImages({ root, version: versionOfProject(), wanted, folder: folder.path, say });
    const load = 'node deploy/local/run.mjs cluster load';
    const traefik = isQuick ? undefined : edgeProgram();
    const edge = traefik === undefined ? [] : ['--traefik', traefik];
    const more = ['--images', folder.path, '--load', load, '--stores', 'own', ...edge];
    return await onOneNode(say, () =>
      runProgram({ ...params, args: [...args, ...more] }, clusterEnvironment()),
    );
  } finally {
    folder.remove();
  }
}

async function runProgram(
  { args, withinMs }: Pick<ClusterTestParams, 'args' | 'withinMs'>,
  env: NodeJS.ProcessEnv,
): Promise<ClusterOutcome> {
  const folder = temporaryFolder('cluster-results');
  try {
    const results = path.join(folder.path, 'counts.json');
    const program = inRoot('load-tests/cluster/dist/main.js');
    const exitCode = await runGuarded({
      program: process.execPath,
      args: ['--enable-source-maps', program, ...args, '--results', results],
      env,
      ...(withinMs === undefined ? {} : { withinMs }),
    });
    return { ...countsOf(exitCode, results), exitCode };
  } finally {
    folder.remove();
  }
}

/** A run that ended without a word on its cases is one failure, or showed nothing. */
function countsOf(exitCode: number, results: string): TestCounts {
  if (existsSync(results)) return JSON.parse(readFileSync(results, 'utf8')) as TestCounts;
  return {
    passed: 0,
    failed: exitCode === skippedExitCode ? 0 : 1,
    skipped: exitCode === skippedExitCode ? 1 : 0,
  };
}

function skip(say: Say, reasons: readonly string[]): ClusterOutcome {
  say('SKIPPED: test:cluster has shown nothing, since there is no cluster:');
  for (const reason of reasons.filter((text) => text !== '')) say(`  ${reason}.`);
  say('To get one: k8s/local/README.md (npm run cluster -- build, once), or set KUBECONFIG.');
  return { passed: 0, failed: 0, skipped: 1, exitCode: skippedExitCode };
}

type Nodes = {
  readonly items: readonly {
    readonly status: { readonly images?: readonly { readonly names?: readonly string[] }[] };
  }[];
};

/** Undefined when the cluster of the current kubeconfig answers, and has our images. */
async function whyNotThere(): Promise<string | undefined> {
  if (inheritedEnvironment()['KUBECONFIG'] === kubeconfigFile) return 'the current kubeconfig is its own';
  const program = findProgram('kubectl');
  if (program === undefined) return 'kubectl is missing';
  const args = ['get', 'nodes', '--output=json', '--request-timeout=10s'];
  const { status, stdout, stderr } = await run({ program, args });
  if (status !== 0)
    return `no cluster answers by the current kubeconfig (${stderr.trim().split('\n').at(-1)})`;
  const names = (JSON.parse(stdout) as Nodes).items.flatMap((node) =>
    (node.status.images ?? []).flatMap((image) => image.names ?? []),
  );
  const wanted = `cipherchat/gateway:${versionOfProject()}`;
  if (names.some((name) => name.endsWith(wanted))) return undefined;
  return `the cluster of the current kubeconfig has no image ${wanted}, and no --images and --load say how it gets it`;
}
