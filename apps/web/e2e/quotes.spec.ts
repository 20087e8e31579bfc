/** What a message answers. */
import { acquaint } from './person.js';
import { expect, story } from './story.js';

/** More than a history reads at once. */
const between = 70;

story('an answer shows what it answers, however far away, and leads there', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const asked = ben.message('Hello!');
  await asked.hover();
  await asked.getByRole('button', { name: 'Actions' }).click();
  await ben.page.getByRole('button', { name: 'Reply' }).click();
  for (let line = 0; line < between; line++) await anna.send(`number ${line}`);
  await expect(ben.message(`number ${between - 1}`)).toBeVisible();
  await ben.send('Hello to you');

  await ben.page.reload();
  const answer = ben.message('Hello to you');
  await expect(answer.getByRole('button', { name: 'Hello!' })).toContainText(anna.username);
  const original = ben.message('Hello!').filter({ hasNotText: 'Hello to you' });
  await expect(original).toHaveCount(0);
  await answer.getByRole('button', { name: 'Hello!' }).click();
  await expect(original).toBeFocused();
  await expect(original).toBeInViewport();
});
