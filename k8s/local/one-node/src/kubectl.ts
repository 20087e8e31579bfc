/** `kubectl` on this cluster, whatever the current kubeconfig is. */
import { ExplainedError, findProgram, inheritedEnvironment, run, type Finished } from '@cipherchat/test-kit';
import { addresses, kubeconfigFile, nodeName } from './layout.js';

const requestTimeout = '--request-timeout=10s';

/** For programs that speak to it: which cluster, and that no proxy is asked for its addresses. */
export function clusterEnvironment(): NodeJS.ProcessEnv {
  const inherited = inheritedEnvironment();
  const direct = [inherited['NO_PROXY'] ?? inherited['no_proxy'], addresses.node].filter(Boolean).join(',');
  return { ...inherited, KUBECONFIG: kubeconfigFile, NO_PROXY: direct, no_proxy: direct };
}

export function kubectl(args: readonly string[]): Promise<Finished> {
  const program = findProgram('kubectl');
  if (program === undefined) throw new ExplainedError('kubectl is missing.');
  return run({ program, args: [...args, requestTimeout], env: clusterEnvironment() });
}

const isAnswered = async (args: readonly string[], answer?: string): Promise<boolean> => {
  const { status, stdout } = await kubectl(args);
  return status === 0 && (answer === undefined || stdout.trim() === answer);
};

export const isApiReady = (): Promise<boolean> => isAnswered(['get', '--raw=/readyz']);

export const isNodeReady = (): Promise<boolean> =>
  isAnswered(
    ['get', 'node', nodeName, '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}'],
    'True',
  );

/** At once: a node counts as ready for a minute after its kubelet has ended. */
export const isKubeletAnswering = (): Promise<boolean> =>
  isAnswered(['get', `--raw=/api/v1/nodes/${nodeName}/proxy/healthz`]);

export const areNamesAnswered = (): Promise<boolean> =>
  isAnswered(
    [
      '--namespace=kube-system',
      'get',
      'deployment',
      'coredns',
      '--output=jsonpath={.status.availableReplicas}',
    ],
    '1',
  );

export const areMetricsAnswered = (): Promise<boolean> =>
  isAnswered(['get', `--raw=/apis/metrics.k8s.io/v1beta1/nodes/${nodeName}`]);
