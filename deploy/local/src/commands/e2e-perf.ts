/** `npm run e2e:perf [-- FILE… --grep TITLE]`: what people wait for in the web app; see apps/web/e2e/perf and docs/web-performance.md. */
import { runBrowserStories } from '../browser-stories.js';
import { runCommand } from '../command-line.js';

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  const outcome = await runBrowserStories({ name: 'e2e:perf', project: 'perf', args, say });
  if (outcome === 'failed') process.exitCode = 1;
});
