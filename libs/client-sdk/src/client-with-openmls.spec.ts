/** Real: all of the client, OpenMLS in WebAssembly. Faked: the services, time. */
import { createOpenMlsEngine, loadMls } from '@cipherchat/crypto';
import { describeStories } from './testing/stories.js';

describeStories('a client with OpenMLS', async () => createOpenMlsEngine(await loadMls()));
