/** `npm run e2e [-- FILE… --grep TITLE]`: the stories of the web app in Chromium, against the whole system; see apps/web/e2e. */
import { runBrowserStories } from '../browser-stories.js';
import { runCommand } from '../command-line.js';

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  const outcome = await runBrowserStories({ name: 'e2e', project: 'stories', args, say });
  if (outcome === 'failed') process.exitCode = 1;
});
