/** Accounts: to make one, to leave it, to come back to it. */
import { expect, figure, story } from './story.js';

story('an account takes less than a minute and no password', async ({ newcomer }) => {
  const startedAt = performance.now();
  const anna = await newcomer('anna');
  await anna.register();
  const seconds = (performance.now() - startedAt) / 1000;
  figure(`seconds=${seconds.toFixed(1)}`);
  expect(seconds).toBeLessThan(60);
  await expect(anna.page.locator('input[type=password]')).toHaveCount(0);
});
