/** `npm run docs:chart`: writes the values into the chart's README; with `--check` it only says whether they are there as they should be. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chartFolder } from '../chart.js';
import { withValues } from './values-page.js';

const file = path.join(chartFolder, 'README.md');
const page = readFileSync(file, 'utf8');
const wanted = withValues({ page, values: readFileSync(path.join(chartFolder, 'values.yaml'), 'utf8') });

if (!process.argv.includes('--check')) writeFileSync(file, wanted);
else if (page !== wanted) {
  console.error('charts/cipherchat/README.md is not what values.yaml says. npm run docs:chart writes it.');
  process.exitCode = 1;
}
