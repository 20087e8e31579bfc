/** Every scenario as Helm renders it, installed and upgraded: rendered once for all spec files, and again when the chart has changed. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { helmProgram } from '@cipherchat/test-kit';
import { chartFolder, render, root, scenarioFile, scenarios } from './chart.js';
import { parseManifests, podsOf, type KubernetesObject, type Pod } from './manifest.js';

export type RenderedScenario = {
  readonly scenario: string;
  readonly kind: 'install' | 'upgrade';
  readonly file: string;
  readonly objects: readonly KubernetesObject[];
  readonly pods: readonly Pod[];
};

const folder = path.join(root, '.cache/chart-tests');
const kinds = ['install', 'upgrade'] as const;

export async function renderedScenarios(): Promise<readonly RenderedScenario[]> {
  const helm = await helmProgram({ major: 3, say: () => {} });
  const at = path.join(folder, contentHash(helm));
  mkdirSync(at, { recursive: true });
  const rendered: RenderedScenario[] = [];
  for (const scenario of scenarios) {
    for (const kind of kinds) {
      const file = path.join(at, `${scenario}-${kind}.yaml`);
      if (!existsSync(file)) await renderTo({ helm, scenario, kind, file });
      const objects = parseManifests(readFileSync(file, 'utf8'));
      rendered.push({ scenario, kind, file, objects, pods: podsOf(objects) });
    }
  }
  return rendered;
}

async function renderTo(params: {
  readonly helm: string;
  readonly scenario: string;
  readonly kind: 'install' | 'upgrade';
  readonly file: string;
}): Promise<void> {
  const { helm, scenario, kind, file } = params;
  const answer = await render({ helm, kind, arguments: [`--values=${scenarioFile(scenario)}`] });
  if (answer.kind === 'refused') throw new Error(`${scenario}: ${answer.message}`);
  // Another spec file may be writing the same.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, answer.manifests);
  renameSync(own, file);
}

/** Of everything that the result depends on, through the links too. */
function contentHash(helm: string): string {
  const hash = createHash('sha256').update(helm);
  for (const file of filesBelow(chartFolder)) hash.update(file).update('\0').update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(below: string): readonly string[] {
  return readdirSync(below)
    .toSorted()
    .map((name) => path.join(below, name))
    .flatMap((file) => (statSync(file).isDirectory() ? filesBelow(file) : [file]));
}
