/** `npm run golden:protocol`: writes the golden files that are missing. It never changes one: frozen bytes are a promise to every client out there. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sampleOf, toJson } from './shape-values.fixture.js';
import { wireBodies } from './wire-bodies.js';

const goldenDir = fileURLToPath(new URL('../golden', import.meta.url));

for (const { group, name, shape, encode } of wireBodies) {
  const file = path.join(goldenDir, group, `${name}.json`);
  if (existsSync(file)) continue;
  const value = sampleOf(shape);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ value: toJson(value), hex: Buffer.from(encode(value)).toString('hex') }, null, 2)}\n`,
  );
  process.stdout.write(`wrote golden/${group}/${name}.json\n`);
}
