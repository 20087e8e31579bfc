/** What the tests ask the cluster about pods. */
import type { Kubectl } from './kubectl.js';

export type Pod = {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
};

/** The services and nginx: what is to go on while one of its pods ends. */
export const servedBy = ['auth', 'key-directory', 'message-store', 'gateway', 'web'] as const;
export const stores = ['postgres', 'nats', 'redis'] as const;

const componentLabel = 'app.kubernetes.io/component';

export async function podsOf(kubectl: Kubectl, components: readonly string[]): Promise<readonly Pod[]> {
  const selector = `${componentLabel} in (${components.join(',')})`;
  const { items } = await kubectl.get<{ readonly items: readonly Pod[] }>(['pods', `--selector=${selector}`]);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export function componentOf({ metadata }: Pod): string {
  return metadata.labels[componentLabel] ?? '';
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
}

/** `kubectl rollout status` of each. @throws Error when one is not done in time */
export async function rolledOut(
  kubectl: Kubectl,
  params: { readonly objects: readonly string[]; readonly withinS: number },
): Promise<void> {
  for (const object of params.objects)
    await kubectl.run(['rollout', 'status', object, `--timeout=${params.withinS}s`]);
}
