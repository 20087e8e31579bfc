/** Real: all of the client. Faked: the engine (no cryptography), the services, time. */
import { describeStories } from './testing/stories.js';

describeStories('a client with a fake engine');
