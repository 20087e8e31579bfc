/** One scenario from its people to its report. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { run } from '@cipherchat/test-kit';
import { makeWorld, peopleOf } from './make-world.js';
import { outcomeOf, type Outcome } from './report/outcome.js';
import { pageOf } from './report/page.js';
import { textOf } from './report/text.js';
import { runK6 } from './run-k6.js';
import type { Size } from './scenario.js';
import { scenarios, type ScenarioName } from './scenarios/all.js';
import { sourceAddresses } from './target/source-addresses.js';
import type { Target } from './target/target.js';

/** k6's own bound is in the generator; this one is for a k6 that does not keep it. */
const hardStop = { factor: 2, seconds: 90 };

export type RunScenarioParams = {
  readonly name: ScenarioName;
  readonly size: Size;
  readonly target: Target;
  readonly invite: string | undefined;
  /** Programs and places. */
  readonly k6: string;
  readonly script: string;
  readonly folder: string;
  readonly startedAt: string;
};

export async function runScenario(params: RunScenarioParams): Promise<Outcome> {
  const { name, size, target, invite, k6, script, startedAt } = params;
  const scenario = scenarios[name](size);
  const folder = path.join(params.folder, name);
  mkdirSync(folder, { recursive: true });
  const sources = target.isOnLoopback
    ? sourceAddresses({ people: peopleOf(scenario), vus: scenario.vus, platform: process.platform })
    : undefined;
  const loadBefore = loadavg()[0] ?? 0;
  const world = await makeWorld({ scenario, target, invite, sources });
  const k6Run = await runK6({
    program: k6,
    script,
    folder,
    order: { scenario: name, size, gateways: target.gateways, world },
    sources,
    caFile: target.caFile,
    processes: target.processes,
    atMostSeconds: scenario.seconds * hardStop.factor + hardStop.seconds,
  });
  rmSync(path.join(folder, 'order.json'));
  const outcome = outcomeOf(
    {
      scenario: name,
      about: scenario.about,
      shape: scenario.shape,
      startedAt,
      target: { kind: target.kind, serverUrl: target.serverUrl, gateways: target.gateways },
      machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '', loadBefore },
      k6Version: await versionOf(k6),
    },
    k6Run,
  );
  writeFileSync(path.join(folder, 'outcome.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  writeFileSync(path.join(folder, 'report.txt'), `${textOf(outcome).join('\n')}\n`);
  writeFileSync(path.join(folder, 'report.html'), pageOf(outcome));
  return outcome;
}

async function versionOf(k6: string): Promise<string> {
  const { stdout } = await run({ program: k6, args: ['version'] });
  return stdout.trim().split(' (')[0] ?? '';
}
