import type { ServiceDefinition } from '@cipherchat/service-kit';
import { messageStoreVariables } from './config.js';
import { MessageStoreModule } from './message-store.module.js';

export const messageStore: ServiceDefinition<typeof messageStoreVariables> = {
  name: 'message-store',
  variables: messageStoreVariables,
  module: MessageStoreModule,
};
