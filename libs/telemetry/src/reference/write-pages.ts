/** `npm run docs:telemetry`; with `--check` it writes nothing and fails when a page is not what its catalogue makes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { metricsPage } from './metrics-page.js';
import { tracingPage } from './tracing-page.js';

const pages = { 'metrics.md': metricsPage(), 'tracing.md': tracingPage() };

for (const [name, page] of Object.entries(pages)) {
  const file = fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url));
  if (!process.argv.includes('--check')) writeFileSync(file, page);
  else if (readFileSync(file, 'utf8') !== page) {
    process.stderr.write(`docs/${name} is not what the catalogue makes: npm run docs:telemetry\n`);
    process.exitCode = 1;
  }
}
