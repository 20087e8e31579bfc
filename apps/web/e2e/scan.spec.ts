/** Codes that one person shows and the other scans. */
import path from 'node:path';
import type { WorkerInfo } from '@playwright/test';
import { pointAt } from './camera.js';
import type { Person } from './person.js';
import { expect, story } from './story.js';

/** What the camera of this worker's browser sees. */
function pictureOf({ project, parallelIndex }: Pick<WorkerInfo, 'project' | 'parallelIndex'>): string {
  return path.join(project.outputDir, `camera-${parallelIndex}.y4m`);
}

story.use({
  launchOptions: [
    async ({ launchOptions }, use, worker) => {
      const file = pictureOf(worker);
      const camera = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`];
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...camera] });
    },
    { scope: 'worker' },
  ],
});

async function allowCamera({ context, page }: Person): Promise<void> {
  await context.grantPermissions(['camera'], { origin: new URL(page.url()).origin });
}

story('people meet by a code, and verify each other by another', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  const picture = pictureOf(story.info());
  await anna.page.getByRole('link', { name: 'Share my link' }).click();
  await pointAt(anna.page.getByRole('img', { name: 'QR code of your invite link' }), picture);
  await allowCamera(ben);
  await ben.page.getByRole('link', { name: 'New conversation' }).first().click();
  await ben.page.getByRole('button', { name: 'Scan a code' }).click();
  await expect(ben.page.getByRole('heading', { name: anna.username })).toBeVisible();
  await ben.send('I have scanned you.');
  await anna.acceptRequest();
  await expect(anna.message('I have scanned you.')).toHaveCount(1);

  for (const [person, other] of [
    [anna, ben],
    [ben, anna],
  ] as const)
    await person.page.getByRole('main').getByRole('link', { name: other.username }).click();
  await pointAt(anna.page.getByRole('img', { name: 'QR code of your safety number' }), picture);
  await ben.page.getByRole('button', { name: 'Scan their code' }).click();
  await expect(ben.page.getByText('The codes are the same. This person is verified.')).toBeVisible();
  await expect(ben.page.getByText('Verified', { exact: true })).toBeVisible();
  // Whoever was scanned has compared nothing yet.
  await expect(anna.page.getByText('Verified', { exact: true })).toHaveCount(0);
});

story('a camera that is not allowed is said to be so', async ({ people }) => {
  const [anna] = await people('anna');
  await anna.page.getByRole('link', { name: 'New conversation' }).first().click();
  await anna.page.getByRole('button', { name: 'Scan a code' }).click();
  await expect(anna.page.getByText('There is no camera, or you did not allow it.')).toBeVisible();
});
