/** Messages that disappear. The shortest time that the app offers is waited for: a worker's clock is nobody's to turn. */
import { acquaint, type Person } from './person.js';
import { expect, figure, story } from './story.js';

/** A message goes this long after its time began, and what a busy machine takes. */
const goneWithin = { timeout: 60_000 };
/** What is drawn at 60 frames a second, closing up within half a second; a jump would be a message's height, 69 px, at once. */
const maxStepPx = 50;

async function setTimer({ page }: Person, length: string): Promise<void> {
  await page.getByRole('link', { name: 'Details' }).click();
  await page.getByRole('combobox', { name: 'Disappearing messages' }).selectOption(length);
  await page.getByRole('link', { name: 'Back' }).last().click();
}

/** The largest step that each message of the history makes between two frames, until told to stop. */
async function watchSteps({ page }: Person) {
  await page.evaluate(() => {
    const steps = new Map<string, number>();
    let before = new Map<string, number>();
    let isWatching = true;
    const look = (): void => {
      const articles = [...document.querySelectorAll('[role=log] article:not([inert])')];
      const now = new Map(
        articles.map((article) => [article.textContent, article.getBoundingClientRect().bottom]),
      );
      for (const [text, bottom] of now) {
        const step = Math.abs(bottom - (before.get(text) ?? bottom));
        steps.set(text, Math.max(step, steps.get(text) ?? 0));
      }
      before = now;
      if (isWatching) requestAnimationFrame(look);
    };
    look();
    Object.assign(window, {
      endWatch: () => {
        isWatching = false;
        return Math.max(...steps.values());
      },
    });
  });
  return () => page.evaluate(() => (window as unknown as { readonly endWatch: () => number }).endWatch());
}

story('messages disappear for both, each in their time, and nothing jumps', async ({ people }) => {
  story.slow();
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await setTimer(anna, '30 seconds');
  await expect(anna.history).toContainText('You set messages to disappear after 30 seconds.');
  await expect(ben.history).toContainText(`${anna.username} set messages to disappear after 30 seconds.`);
  for (const { page } of [anna, ben])
    await expect(page.getByRole('link', { name: 'Messages disappear after 30 seconds' })).toBeVisible();

  await ben.openSettings('Privacy');
  await anna.send('The key is under the mat');
  await setTimer(anna, 'Off');
  await expect(anna.history).toContainText('You turned disappearing messages off.');
  await expect(anna.page.getByRole('link', { name: /^Messages disappear/ })).toHaveCount(0);
  await anna.send('This stays');
  const mark = anna
    .message('The key is under the mat')
    .getByRole('img', { name: 'Disappears after 30 seconds' });
  await expect(mark).toBeVisible();
  await expect(anna.message('This stays').getByRole('img', { name: /^Disappears/ })).toHaveCount(0);

  const stop = await watchSteps(anna);
  await expect(anna.message('The key is under the mat')).toHaveCount(0, goneWithin);
  await expect(anna.message('This stays')).toBeInViewport();
  const stepPx = await stop();
  expect(stepPx).toBeLessThan(maxStepPx);
  figure(`step_px=${Math.round(stepPx)}`);

  // Ben has not read it yet: for him its time begins with that.
  await expect(ben.inList(anna.username)).toContainText('2 unread messages');
  await ben.openChat(anna.username);
  await expect(ben.message('The key is under the mat')).toHaveCount(1);
  await ben.act('The key is under the mat', 'Reply');
  await ben.send('Thanks!');
  await expect(ben.message('The key is under the mat')).toHaveCount(0, goneWithin);
  for (const { message } of [anna, ben].map((person) => ({ message: person.message('Thanks!') })))
    await expect(message).toContainText('A message that has disappeared');
  await ben.page.reload();
  await expect(ben.message('Thanks!')).toContainText('A message that has disappeared');
  await expect(ben.page.getByText('The key is under the mat')).toHaveCount(0);
});
