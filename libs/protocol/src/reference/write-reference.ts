/** `npm run docs:protocol`; with `--check` it writes nothing and fails when a page is not what the source makes. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceFiles } from './reference-files.js';

const folder = fileURLToPath(new URL('../../../../docs/protocol', import.meta.url));
const files = [...referenceFiles()].map(([name, content]) => ({
  name,
  content,
  file: path.join(folder, name),
}));
const outdated = files.filter(
  ({ file, content }) => !existsSync(file) || readFileSync(file, 'utf8') !== content,
);

if (process.argv.includes('--check')) {
  for (const { name } of outdated)
    process.stderr.write(`docs/protocol/${name} is not what the source makes: npm run docs:protocol\n`);
  process.exitCode = outdated.length === 0 ? 0 : 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const { file, content } of outdated) writeFileSync(file, content);
  process.stdout.write(`docs/protocol: ${outdated.length} of ${files.length} pages written\n`);
}
