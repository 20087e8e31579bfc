/** `npm run e2e:a11y [-- FILE… --grep TITLE]`: every screen of the web app for everybody: axe, keyboard, sizes, motion; see apps/web/e2e/a11y. */
import { runBrowserStories } from '../browser-stories.js';
import { runCommand } from '../command-line.js';

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  const outcome = await runBrowserStories({ name: 'e2e:a11y', project: 'a11y', args, say });
  if (outcome === 'failed') process.exitCode = 1;
});
