import type { ServiceDefinition } from '@cipherchat/service-kit';
import { gatewayVariables } from './config.js';
import { GatewayModule } from './gateway.module.js';

export const gateway: ServiceDefinition<typeof gatewayVariables> = {
  name: 'gateway',
  variables: gatewayVariables,
  module: GatewayModule,
};
