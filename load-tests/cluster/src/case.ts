/** What a case of the chart is given. */
import type { Case as CaseOf, People } from '@cipherchat/faults';
import type { Kubectl } from './kubectl.js';
import type { Release } from './release.js';

export { failuresOf, type Outcome } from '@cipherchat/faults';

export type World = {
  readonly release: Release;
  readonly kubectl: Kubectl;
  /** Of Traefik; null where none can be had. */
  readonly edgeImage: string | null;
  /** From the first case that needs them on. */
  readonly people: () => Promise<People>;
};

export type Case = CaseOf<World>;
