/** An app that is in use, in order: what comes last changes what stands in it. */
import { routes } from '../../src/routes.js';
import { expect } from '../story.js';
import { everywhere, onDesk, onPhone } from './photograph.js';
import { pictureStory } from './picture-story.js';

pictureStory('a conversation beside the list', async ({ home: { anna, chat }, camera }) => {
  const { page } = anna;
  await page.goto(chat);
  await expect(anna.message('Then I will pack the good camera.')).toBeVisible();
  await camera.photograph(page, 'chat', everywhere);
  await page.goto('/');
  await expect(anna.inList('Henrik Sand')).toBeVisible();
  await camera.photograph(page, 'list', everywhere);
});

pictureStory('what is done with a message', async ({ home: { anna, chat }, camera }) => {
  const { page } = anna;
  await page.goto(chat);
  const message = anna.message('They say it will be sunny on both days ☀️');
  await message.getByRole('button', { name: 'Actions' }).press('Enter');
  await expect(message.getByRole('group', { name: 'Actions' })).toBeVisible();
  await camera.photograph(page, 'menu', ['light', 'phone-dark']);
  await page.keyboard.press('Escape');
  await anna.act('They say it will be sunny on both days ☀️', 'Reply');
  await anna.composer.fill('I hope they are right.');
  await camera.photograph(page, 'reply', ['light', 'phone-dark']);
  await page.getByRole('button', { name: 'Do not reply' }).click();
  await anna.composer.fill('');
});

pictureStory('a group', async ({ home: { anna, group }, camera }) => {
  const { page } = anna;
  await page.goto(group);
  await expect(anna.message('Half past ten at the station, then.')).toBeVisible();
  await camera.photograph(page, 'group', everywhere);
  await page.goto(`${group}/details`);
  await expect(page.getByRole('heading', { name: '4 members' })).toBeVisible();
  await camera.photograph(page, 'details', ['light', 'phone-dark']);
});

pictureStory('messages that disappear', async ({ home: { anna }, camera }) => {
  const { page } = anna;
  await page.goto('/');
  await anna.openChat('Grace Mbeki');
  await expect(page.getByRole('link', { name: 'Messages disappear after 1 day' })).toBeVisible();
  await camera.photograph(page, 'disappearing', ['light', 'phone-dark']);
});

pictureStory('a person and their safety number', async ({ home: { anna, benPerson }, camera }) => {
  const { page } = anna;
  await page.goto(benPerson);
  await page.getByRole('button', { name: 'The digits are the same: mark as verified' }).click();
  await expect(page.getByText('Verified', { exact: true })).toBeVisible();
  await camera.photograph(page, 'person', everywhere);
});

pictureStory('what was said, found', async ({ home: { anna }, camera }) => {
  const { page } = anna;
  await page.goto('/search');
  const search = page.getByRole('search');
  await search.getByRole('textbox').fill('half');
  await expect(search.getByRole('listitem').nth(2)).toBeVisible();
  await camera.photograph(page, 'search', everywhere);
});

pictureStory('settings', async ({ home: { anna }, camera }) => {
  const { page } = anna;
  for (const name of [
    'settings',
    'settingsProfile',
    'settingsPrivacy',
    'settingsAppearance',
    'settingsSecurity',
  ] as const) {
    await page.goto(routes[name]);
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('Loading…')).toHaveCount(0);
    await camera.photograph(page, name, [...onDesk, 'phone-light']);
  }
});

pictureStory('what could not be read, kept from the operator', async ({ home: { anna }, camera }) => {
  const { page } = anna;
  await page.goto(routes.settingsPrivacy);
  const reports = page.getByRole('switch', { name: 'Report what cannot be read' });
  await reports.uncheck();
  await reports.scrollIntoViewIfNeeded();
  await expect(reports).toBeInViewport();
  await camera.photograph(page, 'failure-reports-kept', everywhere);
  await reports.check();
});

pictureStory('one’s own link', async ({ home: { anna }, camera }) => {
  const { page } = anna;
  await page.goto('/share');
  const accepts = page.getByRole('switch', { name: 'Accept at once' });
  await expect(accepts).toBeEnabled();
  await camera.photograph(page, 'share', ['light', 'phone-dark']);
  await accepts.check();
  await expect(page.getByRole('button', { name: 'Reset the link' })).toBeVisible();
  await camera.photograph(page, 'share-accepting', everywhere);
});

pictureStory('somebody asks', async ({ home: { anna }, neighbours, camera }) => {
  const { page } = anna;
  const emma = await neighbours.arrive({ username: 'emma.rossi' });
  await emma.writeTo(anna);
  await emma.send('Hello Anna, Clara gave me your name. Is there still a place free on Sunday?');
  await page.goto('/requests');
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await camera.photograph(page, 'requests', ['light', 'phone-dark']);
  await page.getByRole('main').getByRole('listitem').getByRole('link').click();
  await expect(page.getByRole('button', { name: 'Accept' })).toBeVisible();
  await camera.photograph(page, 'request', everywhere);
  await neighbours.leave(emma);
});

pictureStory('no connection', async ({ home: { anna, chat }, camera }) => {
  const { page } = anna;
  await page.goto(chat);
  await anna.keptOffline();
  anna.network.cut();
  await expect(page.getByText('The server does not answer. It is tried again.')).toBeVisible();
  await anna.send('I am on the train, the line is bad.');
  await expect(anna.mark('I am on the train, the line is bad.')).toHaveAccessibleName('Queued');
  await camera.photograph(page, 'offline', ['light', ...onPhone]);
  anna.network.heal();
  await expect(anna.mark('I am on the train, the line is bad.')).toHaveAccessibleName(/Sent|Delivered|Read/);
});
