/** `npm run cluster -- build | up | down | load ARCHIVE… | status`: a Kubernetes cluster of one node on this machine; see k8s/local. */
import {
  buildPrograms,
  bringUp,
  clusterState,
  kubeconfigFile,
  loadImage,
  removeCluster,
} from '@cipherchat/one-node';
import { ExplainedError } from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';
import { oneNodeLockFile } from '../one-node-lifetime.js';
import { takeLock } from '../process-lock.js';

const say = (line: string): void => console.log(line);

await runCommand(async ([action, ...args]) => {
  switch (action) {
    case 'build':
      await buildPrograms(say);
      return;
    case 'up':
      await up();
      say(`The cluster is up. export KUBECONFIG=${kubeconfigFile}`);
      return;
    case 'down':
      say((await removeCluster()) === 'removed' ? 'The cluster is gone.' : 'There was no cluster.');
      return;
    case 'load':
      if (args.length === 0) throw new ExplainedError('load takes the paths of archives.');
      for (const archive of args) await loadImage(archive);
      return;
    case 'status': {
      const state = await clusterState();
      say(state === 'kept' ? `up; its kubeconfig is ${kubeconfigFile}` : state);
      if (state !== 'kept') process.exitCode = 1;
      return;
    }
    default:
      throw new ExplainedError('npm run cluster -- build | up | down | load ARCHIVE… | status');
  }
});

async function up(): Promise<void> {
  const lock = await takeLock(oneNodeLockFile);
  if (lock.kind === 'held') throw new ExplainedError(`The cluster is in use by process ${lock.pid}.`);
  try {
    if ((await clusterState()) !== 'kept') await bringUp({ say, lifetime: 'kept' });
  } finally {
    lock.release();
  }
}
