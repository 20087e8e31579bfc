/** From right to left. */
import { routes } from '../../src/routes.js';
import { expect } from '../story.js';
import { pictureStory } from './picture-story.js';

const everywhere = ['arabic-light', 'arabic-dark', 'arabic-phone-light', 'arabic-phone-dark'] as const;

pictureStory('in Arabic', async ({ arabicHome: { layla, chat }, camera }) => {
  const { page } = layla;
  await page.goto(chat);
  await expect(layla.message('وأنا أحضر الكاميرا. إلى اللقاء!')).toBeVisible();
  await camera.photograph(page, 'chat', everywhere);
  await page.goto('/');
  await expect(layla.inList('Oscar Nilsson')).toBeVisible();
  await camera.photograph(page, 'list', ['arabic-phone-light', 'arabic-phone-dark']);
  await page.goto('/search');
  const search = page.getByRole('search');
  await search.getByRole('textbox').fill('ال');
  await expect(search.getByRole('listitem').nth(1)).toBeVisible();
  await camera.photograph(page, 'search', ['arabic-light', 'arabic-phone-dark']);
  await page.goto(`${chat}/details`);
  await expect(page.getByRole('heading', { name: '2 members' })).toBeVisible();
  await camera.photograph(page, 'details', ['arabic-phone-light']);
  await page.goto(routes.share);
  await page.getByRole('switch').check();
  await expect(page.getByRole('button', { name: 'Reset the link' })).toBeVisible();
  await camera.photograph(page, 'share-accepting', ['arabic-light', 'arabic-phone-dark']);
  await page.goto(routes.settingsPrivacy);
  await camera.photograph(page, 'settingsPrivacy', ['arabic-light', 'arabic-phone-dark']);
});
