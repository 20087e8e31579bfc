/** One case after the other on one release; each row as it ends. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Say } from '@cipherchat/test-kit';
import type { Case, World } from './case.js';
import { People } from './people.js';
import { fullName, type Release } from './release.js';
import { tableRow, type Result } from './report.js';
import type { Kubectl } from './kubectl.js';

export type RunParams = {
  readonly cases: readonly Case[];
  readonly release: Release;
  readonly kubectl: Kubectl;
  readonly edgeImage: string | null;
  readonly folder: string;
  readonly say: Say;
};

/** What the first case makes, all others stand on: when that does not hold they do not run. */
export async function runCases(params: RunParams): Promise<readonly Result[]> {
  const { cases, release, kubectl, edgeImage, say } = params;
  let started: Promise<People> | undefined;
  const world: World = { release, kubectl, edgeImage, people: () => (started ??= startPeople(params)) };
  const results: Result[] = [];
  try {
    for (const each of cases) {
      const result = await runCase(each, world);
      results.push(result);
      say(tableRow(result));
      for (const failure of result.failures) say(`  ${failure}`);
      if (results.length === 1 && result.failures.length > 0) break;
    }
  } finally {
    const people = await started?.catch(() => undefined);
    await people?.end();
  }
  return results;
}

async function runCase(each: Case, world: World): Promise<Result> {
  const startedAtMs = performance.now();
  const tookMs = (): number => performance.now() - startedAtMs;
  try {
    const outcome = await each.run(world);
    return { ...outcome, name: each.name, tookMs: tookMs() };
  } catch (error) {
    // It says why, and the next one tries with what is left.
    const failure = error instanceof Error ? error.message : String(error);
    return { name: each.name, tookMs: tookMs(), figures: '', failures: [failure] };
  }
}

async function startPeople({ kubectl, release, folder }: RunParams): Promise<People> {
  const secret = await kubectl.get<{ readonly data: Readonly<Record<string, string>> }>([
    'secret',
    `${fullName}-tls`,
  ]);
  const authorityFile = path.join(folder, 'authority.pem');
  writeFileSync(authorityFile, Buffer.from(secret.data['ca.crt'] ?? '', 'base64'));
  const logFile = path.join(folder, 'people.log');
  return People.start({ serverUrl: release.publicUrl, authorityFile, logFile });
}
