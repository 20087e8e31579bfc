import 'reflect-metadata';
import { startService } from '@cipherchat/service-kit';
import { gateway } from './gateway.js';

await startService(gateway);
