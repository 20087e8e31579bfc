/** People: to find them, to let them in or not, to know that they are who they say. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameAnotherKey } from './lying-server.js';
import { acquaint, type Person } from './person.js';
import { expect, story } from './story.js';

const picture = path.join(path.dirname(fileURLToPath(import.meta.url)), '../public/icon-192.png');

story('somebody is found by their whole username, and nobody by a part of it', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  anna.watched.expect(/status of 404/);
  await anna.page.getByRole('link', { name: 'New conversation' }).first().click();
  const field = anna.page.getByRole('textbox', { name: 'Find by username' });
  await field.fill(ben.username.slice(0, -1));
  await field.press('Enter');
  await expect(anna.page.getByRole('alert').filter({ hasText: /./ })).toHaveText(
    'Nobody here has this username.',
  );
  await field.fill(ben.username.toUpperCase());
  await field.press('Enter');
  await expect(anna.page.getByRole('heading', { name: ben.username })).toBeVisible();
});

story('an invite link leads to the person who sent it', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await anna.page.getByRole('link', { name: 'Share my link' }).click();
  await expect(anna.page.getByRole('img', { name: 'QR code of your invite link' })).toBeVisible();
  const link = await anna.page.getByRole('textbox', { name: 'Invite link' }).inputValue();
  // Whom it names is in no request.
  expect(new URL(link).hash.length).toBeGreaterThan(40);
  expect(new URL(link).search).toBe('');

  await ben.open(link);
  await expect(ben.page.getByRole('heading', { name: anna.username })).toBeVisible();
  await ben.page.getByRole('button', { name: 'Write a message' }).click();
  await ben.send('You gave me your link.');
  await anna.acceptRequest();
  await expect(anna.message('You gave me your link.')).toHaveCount(1);
});

story(
  'a link that accepts at once makes who opens it a contact on both sides, until it is reset',
  async ({ people }) => {
    const [anna, ben, carla] = await people('anna', 'ben', 'carla');
    const { page } = anna;
    const field = page.getByRole('textbox', { name: 'Invite link' });
    const accepts = page.getByRole('switch', { name: 'Accept at once' });
    await page.getByRole('link', { name: 'Share my link' }).click();
    await expect(accepts).not.toBeChecked();
    const plain = await field.inputValue();
    await accepts.check();
    await expect(page.getByText(/^50 more people are let in by it, until /)).toBeVisible();
    const link = await field.inputValue();
    expect(link.length).toBeGreaterThan(plain.length);
    expect(new URL(link).search).toBe('');

    await ben.open(link);
    // What is secret is nowhere to be seen, nor in the history.
    await expect(ben.page.getByRole('heading', { name: anna.username })).toBeVisible();
    expect(ben.page.url()).not.toContain('#');
    await ben.page.getByRole('button', { name: 'Write a message' }).click();
    await ben.send('You gave me your link.');
    await anna.openChat(ben.username);
    await expect(anna.message('You gave me your link.')).toHaveCount(1);
    await expect(page.getByRole('link', { name: '1 request' })).toHaveCount(0);
    await expect(anna.composer).toBeEnabled();
    await expect(ben.mark('You gave me your link.')).toHaveAccessibleName('Read');

    await page.goto('/share');
    await expect(accepts).toBeChecked();
    await expect(field).toHaveValue(link);
    await expect(page.getByText(/^49 more people are let in by it, until /)).toBeVisible();
    await page.getByRole('button', { name: 'Reset the link' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset the link' }).click();
    await expect(field).not.toHaveValue(link);
    await expect(page.getByText(/^50 more people/)).toBeVisible();

    await carla.open(link);
    await carla.page.getByRole('button', { name: 'Write a message' }).click();
    await carla.send('Me, too!');
    await anna.openRequest();
    await expect(anna.message('Me, too!')).toHaveCount(1);
    await expect(page.getByRole('button', { name: 'Accept' })).toBeVisible();

    // Switched off, it is the link for everybody again.
    await page.goto('/share');
    await accepts.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset the link' }).click();
    await expect(field).toHaveValue(plain);
    await expect(accepts).not.toBeChecked();
  },
);

story('an invite is opened by who makes an account for it', async ({ people, newcomer }) => {
  const [anna] = await people('anna');
  await anna.page.getByRole('link', { name: 'Share my link' }).click();
  await anna.page.getByRole('switch', { name: 'Accept at once' }).check();
  await expect(anna.page.getByText(/^50 more people/)).toBeVisible();
  const link = await anna.page.getByRole('textbox', { name: 'Invite link' }).inputValue();
  const dora = await newcomer('dora');
  await dora.page.goto(link);
  await expect(dora.page.getByRole('button', { name: 'Create an account' })).toBeVisible();
  expect(dora.page.url()).not.toContain('#');
  await dora.register();
  await expect(dora.page.getByRole('heading', { name: anna.username })).toBeVisible();
  await dora.page.getByRole('button', { name: 'Write a message' }).click();
  await dora.send('Here I am.');
  await anna.openChat(dora.username);
  await expect(anna.message('Here I am.')).toHaveCount(1);
});

story('a link that was cut is said to be so, and nothing of it stays in the address', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await anna.page.getByRole('link', { name: 'Share my link' }).click();
  await anna.page.getByRole('switch', { name: 'Accept at once' }).check();
  await expect(anna.page.getByText(/^50 more people/)).toBeVisible();
  const link = await anna.page.getByRole('textbox', { name: 'Invite link' }).inputValue();
  await ben.page.goto(link.slice(0, -10));
  await expect(ben.page.getByText('This is no invite link.')).toBeVisible();
  expect(ben.page.url()).not.toContain('#');
  // In the same page: the browser loads nothing anew.
  await ben.page.goto(link);
  await expect(ben.page.getByRole('heading', { name: anna.username })).toBeVisible();
  await ben.page.goto('/invite');
  await expect(ben.page.getByText(/^Open the link once more/)).toBeVisible();
});

story('a link that is none, or is one’s own, is said to be so', async ({ people }) => {
  const [anna] = await people('anna');
  await anna.page.getByRole('link', { name: 'Share my link' }).click();
  const own = await anna.page.getByRole('textbox', { name: 'Invite link' }).inputValue();
  await anna.page.getByRole('link', { name: 'New conversation' }).first().click();
  const field = anna.page.getByRole('textbox', { name: 'Paste an invite link' });
  for (const [link, answer] of [
    ['https://elsewhere.example/invite', /^This is no invite link\.$/],
    [own, 'This is your own link.'],
  ] as const) {
    await field.fill(link);
    await field.press('Enter');
    await expect(anna.page.getByRole('alert').filter({ hasText: /./ })).toHaveText(answer);
  }
});

story('a stranger learns nothing before they are accepted', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await ben.takeName('Ben Behrens');
  await anna.writeTo(ben);
  await anna.send('Do you know me?');
  await ben.openRequest();
  await expect(ben.message('Do you know me?')).toHaveCount(1);
  await expect(ben.composer).toHaveCount(0);
  await expect(anna.mark('Do you know me?')).toHaveAccessibleName('Delivered');
  await expect(anna.page.getByRole('heading', { name: ben.username, level: 1 })).toBeVisible();
  await ben.page.getByRole('button', { name: 'Accept' }).click();
  await expect(anna.mark('Do you know me?')).toHaveAccessibleName('Read');
  await expect(anna.page.getByRole('heading', { name: 'Ben Behrens', level: 1 })).toBeVisible();
});

story('a declined request is gone, and whoever sent it is not told', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await anna.writeTo(ben);
  await anna.send('Buy my stuff!');
  await ben.openRequest();
  await ben.page.getByRole('button', { name: 'Decline' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Decline', exact: true }).click();
  await expect(ben.page.getByText('No conversations yet')).toBeVisible();
  await expect(anna.mark('Buy my stuff!')).toHaveAccessibleName('Delivered');
  await expect(anna.composer).toBeEnabled();
  // They may ask again, as long as they are not blocked.
  await anna.send('Really!');
  await ben.openRequest();
  await expect(ben.message('Really!')).toHaveCount(1);
  await expect(ben.message('Buy my stuff!')).toHaveCount(0);
});

story('nothing comes from who was blocked, until they are not any more', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await anna.writeTo(ben);
  await anna.send('Buy my stuff!');
  await ben.openRequest();
  await ben.page.getByRole('button', { name: 'Decline' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Decline and block' }).click();
  await expect(ben.page.getByText('No conversations yet')).toBeVisible();
  await anna.send('Why not?');
  await expect(anna.mark('Why not?')).toHaveAccessibleName(/^(Sent|Delivered)$/);
  await ben.openSettings('Privacy');
  await ben.page.getByRole('main').getByRole('link', { name: anna.username }).click();
  await expect(ben.page.getByText('You have blocked this person.')).toBeVisible();
  await ben.page.getByRole('button', { name: 'Unblock' }).click();
  await anna.send('And now?');
  await ben.openRequest();
  await expect(ben.message('And now?')).toHaveCount(1);
  await expect(ben.message('Why not?')).toHaveCount(0);
});

story('a name and a picture reach those who were accepted', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.takeName('Anna Ångström', picture);
  await expect(ben.page.getByRole('heading', { name: 'Anna Ångström', level: 1 })).toBeVisible();
  const shown = ben.inList('Anna Ångström').locator('img');
  await expect(shown).toHaveAttribute('src', /^blob:/);
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  // Also after a reload, without asking anybody.
  await ben.page.reload();
  await expect(ben.inList('Anna Ångström').locator('img')).toBeVisible();
});

story(
  'both sides of a conversation have the same safety number, and mark it as compared',
  async ({ people }) => {
    const [anna, ben, carla] = await people('anna', 'ben', 'carla');
    await acquaint(anna, ben);
    await carla.writeTo(ben);
    const [ofAnna, ofBen, ofCarla] = [
      await safetyNumber(anna, ben),
      await safetyNumber(ben, anna),
      await safetyNumber(carla, ben),
    ];
    expect(ofAnna).toMatch(/^\d{60}$/);
    expect(ofBen).toBe(ofAnna);
    expect(ofCarla).not.toBe(ofAnna);
    await anna.page.getByRole('button', { name: 'The digits are the same: mark as verified' }).click();
    await expect(anna.page.getByText('Verified', { exact: true })).toBeVisible();
    await anna.page.reload();
    await expect(anna.page.getByText('Verified', { exact: true })).toBeVisible();
  },
);

story('a changed account key is shown, and stops what is written until it is settled', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const before = await safetyNumber(anna, ben);
  // Who is in a new group is looked up: the moment for a server that lies.
  nameAnotherKey(anna.network);
  await anna.makeGroup('Plans', ben);
  const notices = anna.page.getByRole('region', { name: 'Notices' });
  await expect(notices.getByText(`The server names another key for ${ben.username}.`)).toHaveCount(1);
  await expect(notices).toContainText('The conversation could not be made.');
  await anna.openChat(ben.username);
  await expect(anna.page.getByRole('alert')).toContainText('Nothing can be sent until you have compared');
  await anna.send('Is it you?');
  await expect(anna.mark('Is it you?')).toHaveAccessibleName('Not sent');
  // Nor is what comes believed to be his.
  await ben.send('Of course it is.');
  await expect(
    anna.history.getByText('1 message came from a device that its account does not name.'),
  ).toBeVisible();
  await expect(anna.page.getByText('Of course it is.')).toHaveCount(0);
  await expect(ben.message('Is it you?')).toHaveCount(0);

  await anna.page.getByRole('alert').getByRole('link', { name: 'Compare' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Another key' })).toBeVisible();
  const digits = anna.page.getByText(/^[\d\s]{60,}$/);
  await expect(digits).toHaveCount(2);
  const [known = '', offered = ''] = (await digits.allInnerTexts()).map((text) => text.replaceAll(/\s/g, ''));
  expect(known).toBe(before);
  expect(offered).not.toBe(before);
  await anna.page.getByRole('button', { name: 'They read out the first: keep the key' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Another key' })).toHaveCount(0);
  await anna.openChat(ben.username);
  await anna.message('Is it you?').getByRole('button', { name: 'Try again' }).click();
  await expect(anna.mark('Is it you?')).toHaveAccessibleName('Read');
  await expect(ben.message('Is it you?')).toHaveCount(1);
});

/** From an open conversation to what stands on the other person's screen: the digits, without spaces. */
async function safetyNumber(person: Person, other: Person): Promise<string> {
  await person.page.getByRole('main').getByRole('link', { name: other.username }).click();
  const card = person.page.getByRole('main').locator('section', { hasText: 'Safety number' });
  const digits = card.getByText(/^[\d\s]{60,}$/);
  await expect(digits).toBeVisible();
  return (await digits.innerText()).replaceAll(/\s/g, '');
}
