/** `npm run docs:metrics`; with `--check` it writes nothing and fails when the page is not what the catalogue makes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { metricsPage } from './metrics-page.js';

const file = fileURLToPath(new URL('../../../../docs/metrics.md', import.meta.url));

if (!process.argv.includes('--check')) writeFileSync(file, metricsPage());
else if (readFileSync(file, 'utf8') !== metricsPage()) {
  process.stderr.write('docs/metrics.md is not what the catalogue makes: npm run docs:metrics\n');
  process.exitCode = 1;
}
