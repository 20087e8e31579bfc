/**
 * `npm run test:blind`: shows that the server is blind. With `--write-columns` it writes the comments of the
 * database into the table of columns of docs/what-the-server-knows.md first.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkBlindness } from './blind-check.js';
import { withColumnTable } from './document/column-table.js';
import { readColumns } from './document/migrated-columns.js';
import { DocumentError, readKnownThings } from './document/known-things.js';

const documentFile = fileURLToPath(new URL('../../../docs/what-the-server-knows.md', import.meta.url));
const shownFaults = 200;

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof DocumentError)) throw error;
  console.error(`docs/what-the-server-knows.md: ${error.message}`);
  process.exitCode = 1;
}
process.exit();

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { 'write-columns': { type: 'boolean' } } });
  if (values['write-columns'] === true) {
    writeFileSync(
      documentFile,
      withColumnTable({ markdown: readFileSync(documentFile, 'utf8'), columns: await readColumns() }),
    );
    console.log('Wrote the table of columns.');
    return 0;
  }
  const startedAt = performance.now();
  const known = readKnownThings(readFileSync(documentFile, 'utf8'));
  const { faults, figures } = await checkBlindness({ known, say: (line) => console.log(line) });
  for (const fault of faults.slice(0, shownFaults)) console.error(`  ${fault}`);
  if (faults.length > shownFaults) console.error(`  and ${faults.length - shownFaults} more`);
  const line = Object.entries({
    ...figures,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  }).map(([name, value]) => `${name}=${value}`);
  console.log(`blind check ${faults.length === 0 ? 'passed' : 'FAILED'}: ${line.join(' ')}`);
  return faults.length === 0 ? 0 : 1;
}
