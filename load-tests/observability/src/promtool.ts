/** What promtool says of the rules, of their tests, and of what services show. */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExplainedError, run } from '@cipherchat/test-kit';

const deploy = fileURLToPath(new URL('../../../deploy/prometheus', import.meta.url));
export const ruleFiles = path.join(deploy, 'rules/*.rules.yml');

/** What promtool counts, of all rule files and of all tests. @throws ExplainedError with what it says */
export async function checkRules(promtool: string): Promise<{ readonly rules: number }> {
  const filesIn = (folder: string): readonly string[] =>
    readdirSync(path.join(deploy, folder)).map((file) => path.join(deploy, folder, file));
  const checked = await said(promtool, ['check', 'rules', ...filesIn('rules')]);
  await said(promtool, ['test', 'rules', ...filesIn('tests')]);
  const counts = [...checked.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => Number(count));
  return { rules: counts.reduce((sum, count) => sum + count, 0) };
}

/** @throws ExplainedError where a name or a help text is not as Prometheus wants them */
export async function checkExposition(params: {
  readonly promtool: string;
  readonly service: string;
  readonly text: string;
  readonly folder: string;
}): Promise<void> {
  const { promtool, service, text, folder } = params;
  const file = path.join(folder, `${service}.prom`);
  writeFileSync(file, text);
  // It reads from its input alone.
  await said('/bin/sh', ['-c', 'exec "$0" check metrics < "$1"', promtool, file]);
}

async function said(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run({ program, args });
  if (status !== 0)
    throw new ExplainedError(`${program} ${args.slice(0, 2).join(' ')} fails:\n${stdout}${stderr}`);
  return stdout;
}
