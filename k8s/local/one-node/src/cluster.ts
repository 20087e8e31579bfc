/**
 * A Kubernetes cluster of one node on this machine, of programs that were built before: nothing is pulled, nothing leaves the
 * machine, and nothing of it is seen in the machine's own network and mounts but one interface.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { ExplainedError, type Say } from '@cipherchat/test-kit';
import { addOns } from './add-ons.js';
import { writeCertificates } from './certificates.js';
import { makeCgroups } from './cgroups.js';
import {
  areMetricsAnswered,
  areNamesAnswered,
  isApiReady,
  isKubeletAnswering,
  isNodeReady,
  kubectl,
} from './kubectl.js';
import { fromOutside, inside, keptFile } from './layout.js';
import { removeCluster } from './leftovers.js';
import { findNamespaces, mustRun, openNamespaces, privateFolders, start } from './namespaces.js';
import type { Namespaces, Program, Running } from './namespaces.js';
import { connectNode } from './network.js';
import { loadArchive, loadOwnImages } from './node-images.js';
import { apiServer, containerd, etcd, isEtcdHealthy, othersOfTheNode } from './node-programs.js';
import { requirePrograms } from './programs.js';
import { writeSettings } from './settings.js';
import { waitFor } from './wait.js';

/** Of one program, on a machine that does other things as well; seen: 5 to 12 seconds. */
const withinMs = 120_000;

/**
 * From nothing: what an earlier one left is removed first, and what this one made when it does not come up. `onHeld` hears of
 * the process with which all of it ends, before there is anything in it.
 * @throws ExplainedError that says what is missing, or which program did not come up, with the end of its log
 */
export async function bringUp(params: {
  readonly say: Say;
  /** `kept`: until somebody takes it down. */
  readonly lifetime: 'kept' | 'of-caller';
  readonly onHeld?: (pid: number) => void;
}): Promise<void> {
  const { say, lifetime, onHeld } = params;
  const { built, plugins } = await requirePrograms(say);
  if ((await removeCluster()) === 'removed') say('Removed what an earlier cluster had left.');
  try {
    for (const folder of ['/var/log', inside.settings])
      mkdirSync(fromOutside(folder), { recursive: true, mode: 0o700 });
    writeSettings(plugins);
    await writeCertificates();
    makeCgroups();
    const namespaces = await openNamespaces(built);
    onHeld?.(namespaces.holder);
    await privateFolders(namespaces, built);
    await connectNode(namespaces);
    await startNode(namespaces, built);
    if (lifetime === 'kept') writeFileSync(keptFile, '');
  } catch (error) {
    await removeCluster();
    throw error;
  }
}

async function startNode(namespaces: Namespaces, built: string): Promise<void> {
  const started: Running[] = [];
  const starting = (program: Program): Running => {
    const running = start(namespaces, program);
    started.push(running);
    return running;
  };
  const until = (what: string, blame: Running, isDone: () => Promise<boolean>): Promise<void> =>
    waitFor({ what, blame, isDone, started, withinMs });

  const database = starting(etcd);
  const containers = starting(containerd);
  await until('etcd is healthy', database, isEtcdHealthy);
  const api = starting(apiServer);
  await until('containerd answers', containers, () =>
    mustRun(namespaces, ['ctr', 'version']).then(
      () => true,
      () => false,
    ),
  );
  await loadOwnImages(namespaces, built);
  await until('the API server is ready', api, isApiReady);
  const { kubelet } = Object.fromEntries(
    othersOfTheNode.map((program) => [program.name, starting(program)] as const),
  );
  await apply(addOns);
  const node = kubelet ?? api;
  await until('the node is ready', node, isNodeReady);
  await until('CoreDNS answers', node, areNamesAnswered);
  await until('metrics answer', node, areMetricsAnswered);
}

async function apply(objects: readonly object[]): Promise<void> {
  const file = fromOutside(`${inside.settings}/add-ons.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const { status, stderr } = await kubectl(['apply', `--filename=${file}`]);
  if (status !== 0) throw new ExplainedError(`The add-ons were refused: ${stderr.trim()}`);
}

/** Puts the archive of an image on the node. @throws ExplainedError without a cluster, or with what containerd said */
export async function loadImage(archive: string): Promise<void> {
  const namespaces = findNamespaces();
  if (namespaces === undefined)
    throw new ExplainedError('There is no one-node cluster: npm run cluster -- up');
  await loadArchive(namespaces, archive);
}

/**
 * `kept`: it answers, and was brought up to stay. `used`: it answers to somebody's test, or is what that left. `broken`: it runs, and
 * does not answer.
 */
export async function clusterState(): Promise<'kept' | 'used' | 'broken' | 'down'> {
  if (findNamespaces() === undefined) return 'down';
  if (!((await isApiReady()) && (await isKubeletAnswering()) && (await areNamesAnswered()))) return 'broken';
  return existsSync(keptFile) ? 'kept' : 'used';
}
