/** `npm run bench:delivery`: see README.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExplainedError } from '@cipherchat/test-kit';
import { bench } from './bench.js';
import { checks } from './must.js';
import { readOptions } from './options.js';
import { plot } from './plot.js';
import { checkLine, costLines, lastLine, ratioLines } from './report.js';
import { ourName, type Results } from './results.js';

const resultsDir = fileURLToPath(new URL('../results', import.meta.url));

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), { resultsDir });
  const results = await bench(options, (line) => console.log(line));
  const checked = checks(results);
  const file = write(results, options.resultsDir);
  const ours = results.targets.find(({ name }) => name === ourName);
  if (ours !== undefined)
    for (const line of [...ratioLines(results, ours), ...costLines(ours)]) console.log(line);
  for (const check of checked) console.log(checkLine(check));
  console.log(`Results: ${file}`);
  console.log(lastLine(checked));
  if (checked.some(({ holds, kind }) => !holds && (kind === 'ratio' || options.strict))) process.exitCode = 1;
}

function write(results: Results, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const name = `delivery-${results.startedAt.replaceAll(/[:.]/g, '-')}`;
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(
    path.join(folder, `${name}.svg`),
    plot({
      title: 'Send to receive, p99',
      x: 'messages/s',
      y: 'ms',
      lines: results.targets.map(({ name: system, delivery, knee }) => ({
        name: system,
        points: [...delivery, ...(knee?.probes ?? [])]
          .map(({ perSecond, toReceive }) => ({ x: perSecond, y: toReceive.p99 }))
          .toSorted((one, other) => one.x - other.x),
      })),
    }),
  );
  return file;
}
