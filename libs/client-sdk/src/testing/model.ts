/** The model of the services, the fake engine and virtual time, for libs/simulation. Not part of the published package. */
export { tables } from '../state/tables.js';
export { createFakeEngine } from './fake-engine.js';
export { FakeUniverse } from './fake-universe.js';
export { ModelConversations } from './model-conversations.js';
export { matchRoute, response } from './model-http.js';
export { ModelConversation } from './model-log.js';
export { ModelServer, newModelServices, type ModelBackup, type ModelServices } from './model-server.js';
export { seededRandom, VirtualClock } from './virtual-clock.js';
