/**
 * `npm run chart:difference -- --base FOLDER`: what a change does to every scenario, between the chart of another checkout and
 * this one, as Markdown. It judges nothing: people read it beside the change.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { helmProgram, run, temporaryFolder } from '@cipherchat/test-kit';
import { render, root } from '../chart.js';
import { comparableFiles } from './comparable.js';

const say = (line: string): void => console.log(line);

const { values } = parseArgs({ options: { base: { type: 'string' } } });
if (values.base === undefined) throw new Error('--base FOLDER: a checkout of what is compared with');
const helm = await helmProgram({ major: 3, say: () => {} });
const folder = temporaryFolder('chart-difference');
try {
  const checkouts = { base: path.resolve(values.base), head: root };
  const names = new Set<string>();
  for (const [side, checkout] of Object.entries(checkouts))
    for (const name of await renderAll({ checkout, to: path.join(folder.path, side) })) names.add(name);
  say('# What the chart renders, before and after');
  for (const name of [...names].toSorted()) await sayDifference(name);
} finally {
  folder.remove();
}

/** Returns the scenarios that the checkout has; one from before there was a chart has none. */
async function renderAll(params: {
  readonly checkout: string;
  readonly to: string;
}): Promise<readonly string[]> {
  const { checkout, to } = params;
  const chart = path.join(checkout, 'charts/cipherchat');
  if (!existsSync(chart)) return [];
  const scenarios = path.join(chart, 'scenarios');
  const names = readdirSync(scenarios).map((file) => path.basename(file, '.yaml'));
  for (const name of names) {
    const answer = await render({
      helm,
      chart,
      arguments: [`--values=${path.join(scenarios, `${name}.yaml`)}`],
    });
    if (answer.kind === 'refused') throw new Error(`${name}: ${answer.message}`);
    mkdirSync(path.join(to, name), { recursive: true });
    for (const { file, text } of comparableFiles(answer.manifests))
      writeFileSync(path.join(to, name, file), text);
  }
  return names;
}

async function sayDifference(name: string): Promise<void> {
  for (const side of ['base', 'head']) mkdirSync(path.join(folder.path, side, name), { recursive: true });
  const { status, stdout, stderr } = await run({
    program: 'git',
    args: ['diff', '--no-index', '--no-color', `base/${name}`, `head/${name}`],
    cwd: folder.path,
  });
  // 1: they differ.
  if (status !== 0 && status !== 1) throw new Error(stderr);
  const files = [...stdout.matchAll(/^diff --git /gm)].length;
  say(`\n## ${name}: ${files === 0 ? 'no difference' : `${files} objects`}`);
  if (files === 0) return;
  say(`\n<details>\n\n\`\`\`\`diff\n${stdout}\n\`\`\`\`\n\n</details>`);
}
