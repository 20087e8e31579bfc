/**
 * Real: all of the client, OpenMLS in WebAssembly. Faked: the services, time. In the classical suite, whose 101 key
 * packages a person are quickly made; the integration stories run in the default one.
 */
import { createOpenMlsEngine, loadMls } from '@cipherchat/crypto';
import { describeStories } from './testing/stories.js';

describeStories('a client with OpenMLS', {
  makeEngine: async () => createOpenMlsEngine(await loadMls()),
  suite: 0x0001,
});
