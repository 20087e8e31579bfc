/** Stories over the model of the services, in virtual time: everything of the client is real; the engine is the caller's. */
import type { CipherSuite, MlsEngine } from '@cipherchat/crypto';
import { describe } from '@jest/globals';
import { describeDirectStories } from './direct-stories.js';
import { describeGroupStories } from './group-stories.js';
import { describeNetworkStories } from './network-stories.js';
import { tellStories } from './story.js';

/** `makeEngine` is called once; without it each person has a fake engine. */
export function describeStories(
  name: string,
  params: { readonly makeEngine?: () => Promise<MlsEngine>; readonly suite?: CipherSuite } = {},
): void {
  describe(name, () => {
    tellStories(params);
    describeDirectStories();
    describeGroupStories();
    describeNetworkStories();
  });
}
