/** `npm run capacity`: see README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ExplainedError } from '@cipherchat/test-kit';
import { compareWithRun, measureCosts, type MeasuredCosts } from './measure-costs.js';
import { plan } from './model.js';
import { readCapacityOptions } from './options.js';
import { bytes, comparisonLines, percent, planLines, totalError } from './report.js';

const costsFile = fileURLToPath(new URL('../../capacity.json', import.meta.url));
const packageFile = new URL('../../../../package.json', import.meta.url);
/** A plan that is further off than this from a run of the same build helps nobody to buy anything. */
const maxError = 0.3;

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
}

async function main(): Promise<void> {
  const { demand, work, json } = readCapacityOptions(process.argv.slice(2));
  const say = (line: string): void => (json ? console.error(line) : console.log(line));
  if (work === 'measure') {
    const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string };
    const measured = await measureCosts({ version, nowMs: Date.now(), say });
    writeFileSync(costsFile, `${JSON.stringify(measured, null, 2)}\n`);
    say(`Written: ${costsFile}`);
  }
  const costs = JSON.parse(readFileSync(costsFile, 'utf8')) as MeasuredCosts;
  const found = plan(demand, costs.coefficients);
  if (json) console.log(JSON.stringify({ demand, ...found, measuredAt: costs.measuredAt }));
  else for (const line of planLines({ demand, found, costs })) console.log(line);
  const gateway = found.parts.find(({ name }) => name === 'gateway');
  const figures = `gateways=${gateway?.replicas ?? 0} cores=${found.parts.reduce((sum, { cores }) => sum + cores, 0).toFixed(2)} storage=${bytes(found.postgres.storageBytes + found.postgres.keyPackageBytes).replace(' ', '')}`;
  if (work === 'plan') return say(`capacity: ${figures}`);
  const compared = await compareWithRun(costs.coefficients, say);
  for (const line of comparisonLines(compared)) say(line);
  const error = totalError(compared);
  if (Math.abs(error) > maxError) process.exitCode = 1;
  say(`capacity: ${figures} error=${percent(error).replace(' ', '')}`);
}
