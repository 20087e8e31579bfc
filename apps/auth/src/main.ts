import 'reflect-metadata';
import { startService } from '@cipherchat/service-kit';
import { auth } from './auth.module.js';

await startService(auth);
