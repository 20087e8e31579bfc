/** `npm run verify`: everything that must hold before a change lands. All parts run, also after one has failed. */
import { spawn } from 'node:child_process';
import { inheritedEnvironment } from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { root } from '../repository.js';
import { failuresText, summaryLine, type PartResult } from '../verify-report.js';

type Part = {
  readonly name: string;
  /** The npm script, which a person can run alone. */
  readonly script: string;
  /** `shown`: a part of minutes shows how far it is. */
  readonly progress: 'shown' | 'kept';
};

const parts: readonly Part[] = [
  { name: 'documents', script: 'docs:check', progress: 'kept' },
  { name: 'format', script: 'format:check', progress: 'kept' },
  { name: 'lint', script: 'lint', progress: 'kept' },
  { name: 'unused', script: 'check:unused', progress: 'kept' },
  { name: 'cycles', script: 'check:cycles', progress: 'kept' },
  { name: 'tests', script: 'test', progress: 'shown' },
];

await runCommand(async () => {
  const results: PartResult[] = [await timed({ name: 'types', script: 'build' }, checkTypes)];
  for (const part of parts) results.push(await timed(part, () => runScript(part)));
  console.log('');
  for (const result of results) console.log(summaryLine(result));
  const failures = failuresText(results);
  if (failures === undefined) return;
  console.error(failures);
  process.exitCode = 1;
});

/** First, since the other parts read what the build makes. */
async function checkTypes(): Promise<Pick<PartResult, 'outcome' | 'output'>> {
  try {
    await build(() => undefined);
    return { outcome: 'passed', output: '' };
  } catch (error) {
    return { outcome: 'failed', output: error instanceof Error ? error.message : String(error) };
  }
}

async function timed(
  part: Pick<Part, 'name' | 'script'>,
  check: () => Promise<Pick<PartResult, 'outcome' | 'output'>>,
): Promise<PartResult> {
  const startedAt = performance.now();
  const checked = await check();
  const { name, script } = part;
  const result = { name, script, ...checked, durationMs: performance.now() - startedAt };
  console.log(summaryLine(result));
  return result;
}

function runScript({ script, progress }: Part): Promise<Pick<PartResult, 'outcome' | 'output'>> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script], {
      cwd: root,
      stdio: ['ignore', progress === 'shown' ? 'inherit' : 'pipe', progress === 'shown' ? 'inherit' : 'pipe'],
      env: inheritedEnvironment(),
    });
    let kept = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (kept += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (kept += text));
    child.once('error', (error) => resolve({ outcome: 'failed', output: error.message }));
    child.once('close', (code) => resolve({ outcome: code === 0 ? 'passed' : 'failed', output: kept }));
  });
}
