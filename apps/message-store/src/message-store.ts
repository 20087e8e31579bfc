import {
  accessVariables,
  natsVariables,
  postgresVariables,
  redisVariables,
  type ServiceDefinition,
} from '@cipherchat/service-kit';
import { MessageStoreModule } from './message-store.module.js';

const variables = { ...postgresVariables, ...natsVariables, ...redisVariables, ...accessVariables };

export const messageStore: ServiceDefinition<typeof variables> = {
  name: 'message-store',
  variables,
  module: MessageStoreModule,
};
