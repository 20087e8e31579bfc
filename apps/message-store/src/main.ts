import 'reflect-metadata';
import { startService } from '@cipherchat/service-kit';
import { messageStore } from './message-store.js';

await startService(messageStore);
