/** `npm run docs:protocol` */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceFiles } from './reference-files.js';

const folder = fileURLToPath(new URL('../../../../docs/protocol', import.meta.url));

mkdirSync(folder, { recursive: true });
for (const [name, content] of referenceFiles()) writeFileSync(path.join(folder, name), content);
process.stdout.write(`wrote docs/protocol: ${[...referenceFiles().keys()].join(', ')}\n`);
