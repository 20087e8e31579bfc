import 'reflect-metadata';
import { startService } from '@cipherchat/service-kit';
import { keyDirectory } from './key-directory.module.js';

await startService(keyDirectory);
