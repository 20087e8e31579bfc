/**
 * `npm run e2e:screens [-- --keep] [FILE… --grep TITLE]`: pictures of the web app's screens, in .cache/e2e-screens; see
 * apps/web/e2e/screens. `--keep` puts those that the README shows into docs/screenshots.
 */
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError } from '@cipherchat/test-kit';
import { runBrowserStories } from '../browser-stories.js';
import { runCommand } from '../command-line.js';
import { pinnedFonts } from '../fonts.js';
import { inRoot } from '../repository.js';

const keep = '--keep';
const output = inRoot('.cache', 'e2e-screens');
const kept = inRoot('docs', 'screenshots');

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  const stories = args.filter((arg) => arg !== keep);
  const isKept = stories.length < args.length;
  if (isKept && stories.length > 0) throw new ExplainedError(`${keep} is for all screens, not for some.`);
  const outcome = await runBrowserStories({
    name: 'e2e:screens',
    project: 'screens',
    // All of them have the same people: after one failure they would have to come about anew for each.
    args: ['--max-failures=1', ...stories],
    environment: pinnedFonts(),
    say,
  });
  const screens = filesIn(path.join(output, 'screens'));
  const chosen = filesIn(path.join(output, 'chosen')).map((file) => path.basename(file));
  const missing = filesIn(kept)
    .map((file) => path.basename(file))
    .filter((name) => stories.length === 0 && !chosen.includes(name));
  for (const name of missing) say(`The README shows ${name}, and no story takes it.`);
  if (outcome === 'failed' || missing.length > 0 || screens.length === 0) process.exitCode = 1;
  else if (isKept) {
    rmSync(kept, { recursive: true, force: true });
    cpSync(path.join(output, 'chosen'), kept, { recursive: true });
  }
  const bytes = screens.reduce((sum, file) => sum + statSync(file).size, 0);
  say(`e2e:screens screens=${screens.length} bytes=${bytes}`);
});

function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
}
