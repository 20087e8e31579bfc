/** What promtool says of the rules and of their tests. */
import { readdirSync } from 'node:fs';
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

async function said(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run({ program, args });
  if (status !== 0)
    throw new ExplainedError(`${program} ${args.slice(0, 2).join(' ')} fails:\n${stdout}${stderr}`);
  return stdout;
}
