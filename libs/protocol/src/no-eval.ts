/**
 * Imported first: zod looks whether it may make code at run time when a schema is made, and where a page's policy
 * forbids that the browser reports the attempt. Frames do not go through zod, so its speed matters little.
 */
import { config } from 'zod';

config({ jitless: true });
