/** The real steps of a device on a store, for what is tested without a client around it. */
import type { Memory } from '../state/memory.js';
import { Steps, type StepsPorts } from '../state/steps.js';
import type { Store } from '../store/store.js';

/** They tell nobody anything, but for whom `told` names. */
export async function quietSteps(
  store: Store,
  memory: Memory,
  told: Partial<Omit<StepsPorts, 'store' | 'memory' | 'writerGeneration'>> = {},
): Promise<Steps> {
  return new Steps({
    store,
    memory,
    writerGeneration: await store.claimWriter(),
    whole: Promise.resolve(),
    probe: () => undefined,
    publishEvent: () => undefined,
    expiring: () => undefined,
    halted: () => undefined,
    ...told,
  });
}
