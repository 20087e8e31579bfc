/** What people do in a conversation, between two and in a group. */
import { acquaint, type Person } from './person.js';
import { allowNotifications, hide, notifications, show } from './notifications.js';
import { expect, story } from './story.js';

/** With these people, by whoever makes it; the others have taken it. */
async function group(name: string, [maker, ...others]: readonly [Person, ...Person[]]): Promise<void> {
  await maker.makeGroup(name, ...others);
  for (const other of others) await other.acceptRequest();
}

story('a group is made, named, grows and is left', async ({ people }) => {
  const [anna, ben, carla] = await people('anna', 'ben', 'carla');
  await group('Hiking', [anna, ben]);
  await anna.send('Who comes along?');
  await expect(ben.message('Who comes along?')).toContainText(anna.username);

  await anna.page.getByRole('link', { name: 'Details' }).click();
  await anna.page.getByRole('textbox', { name: 'Username' }).fill(carla.username);
  await anna.page.getByRole('button', { name: 'Add', exact: true }).click();
  await carla.acceptRequest();
  await expect(anna.page.getByRole('heading', { name: '3 members' })).toBeVisible();
  await carla.send('I do.');
  await expect(ben.message('I do.')).toHaveCount(1);
  // What was written before is not for who comes later.
  await expect(carla.message('Who comes along?')).toHaveCount(0);

  await anna.page.getByRole('textbox', { name: 'Name of the group' }).fill('Hiking on Sunday');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  for (const { list } of [anna, ben, carla]) await expect(list).toContainText('Hiking on Sunday');

  await ben.page.getByRole('link', { name: 'Details' }).click();
  await ben.page.getByRole('button', { name: 'Leave the group' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click();
  await anna.openChat('Hiking on Sunday');
  await expect(anna.history.getByText(`${ben.username} left.`)).toBeVisible();
  await anna.send('We are two, then.');
  await expect(carla.message('We are two, then.')).toHaveCount(1);
  await ben.openChat('Hiking on Sunday');
  await expect(ben.page.getByText('You are not in this conversation any more.')).toBeVisible();
  await expect(ben.message('We are two, then.')).toHaveCount(0);
});

story('a message in a group is delivered and read when all have it and have seen it', async ({ people }) => {
  const [anna, ben, carla] = await people('anna', 'ben', 'carla');
  await group('Three', [anna, ben, carla]);
  await carla.openSettings('Privacy');
  await anna.send('One of you is looking');
  await expect(ben.message('One of you is looking')).toHaveCount(1);
  await expect(anna.mark('One of you is looking')).toHaveAccessibleName('Delivered');
  await carla.openChat('Three');
  await expect(anna.mark('One of you is looking')).toHaveAccessibleName('Read');
});

story('what is unread is counted, and stops to be when it is seen', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.openSettings('Privacy');
  for (const text of ['One', 'Two', 'Three']) await anna.send(text);
  await expect(ben.inList(anna.username)).toContainText('3 unread messages');
  await expect(ben.page).toHaveTitle('(3) CipherChat');
  await expect(anna.mark('Three')).toHaveAccessibleName('Delivered');
  await ben.openChat(anna.username);
  await expect(ben.inList(anna.username)).not.toContainText('unread');
  await expect(ben.page).toHaveTitle('CipherChat');
  await expect(anna.mark('Three')).toHaveAccessibleName('Read');
});

story('who wants it sends no read marks', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await expect(anna.mark('Hello!')).toHaveAccessibleName('Read');
  await ben.openSettings('Privacy');
  await ben.page.getByRole('switch', { name: 'Send read marks' }).uncheck();
  await ben.openChat(anna.username);
  await anna.send('Have you seen this?');
  await expect(ben.message('Have you seen this?')).toHaveCount(1);
  // An answer comes after whatever a mark would have brought.
  await ben.send('Perhaps.');
  await expect(anna.message('Perhaps.')).toHaveCount(1);
  await expect(anna.mark('Have you seen this?')).toHaveAccessibleName('Delivered');
});

story('typing is seen while it lasts', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const line = ben.page.getByRole('main').getByText(`${anna.username} is typing…`);
  await anna.composer.pressSequentially('I am thin');
  await expect(line).toBeVisible();
  await expect(ben.inList(anna.username)).toContainText('is typing…');
  await anna.composer.fill('');
  await expect(line).toHaveCount(0);
  await anna.composer.pressSequentially('I am thinking.');
  await expect(line).toBeVisible();
  await anna.composer.press('Enter');
  await expect(ben.message('I am thinking.')).toHaveCount(1);
  await expect(line).toHaveCount(0);
});

story('a reply shows what it answers', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.send('Tea or coffee?');
  await ben.act('Tea or coffee?', 'Reply');
  await expect(ben.page.getByText(`Replying to ${anna.username}`)).toBeVisible();
  await expect(ben.composer).toBeFocused();
  await ben.send('Tea, please.');
  await expect(anna.message('Tea, please.').getByRole('blockquote')).toContainText('Tea or coffee?');
  await expect(anna.message('Tea, please.').getByRole('blockquote')).toContainText('You');
  await expect(ben.page.getByText(`Replying to ${anna.username}`)).toHaveCount(0);
});

story('a reaction is set, counted and taken back', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.act('Hello!', 'React with 👍');
  const ofBen = anna.message('Hello!').getByRole('button', { name: `👍: ${ben.username}` });
  await expect(ofBen).toBeVisible();
  await ofBen.click();
  const ofBoth = ben.message('Hello!').getByRole('button', { name: /^👍: .*anna.*$/ });
  await expect(ofBoth).toHaveText(/2/);
  await ofBoth.click();
  await expect(anna.message('Hello!').getByRole('button', { name: '👍: You' })).toBeVisible();
  await expect(ben.message('Hello!').getByRole('button', { name: /👍/ })).toHaveAttribute(
    'aria-pressed',
    'false',
  );
});

story('a message is changed and deleted by its author, and by nobody else', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.send('Tomorow at five');
  await anna.act('Tomorow at five', 'Edit');
  await expect(anna.composer).toHaveValue('Tomorow at five');
  await anna.send('Tomorrow at five');
  await expect(ben.message('Tomorrow at five')).toContainText('edited');
  await expect(ben.message('Tomorow at five')).toHaveCount(0);

  await ben.message('Tomorrow at five').hover();
  await ben.message('Tomorrow at five').getByRole('button', { name: 'Actions' }).click();
  const offered = ben.message('Tomorrow at five').getByRole('group', { name: 'Actions' });
  await expect(offered.getByRole('button', { name: 'Reply' })).toBeVisible();
  await expect(offered.getByRole('button', { name: /^(Edit|Delete)$/ })).toHaveCount(0);
  await ben.page.keyboard.press('Escape');

  await anna.act('Tomorrow at five', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  for (const { history } of [anna, ben]) {
    await expect(history.getByText('This message was deleted.')).toBeVisible();
    await expect(history.getByText('Tomorrow at five')).toHaveCount(0);
  }
  await expect(ben.inList(anna.username)).toContainText('This message was deleted.');
});

story('days stand between messages, by their names', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  // Headings of messages name who wrote them.
  const days = ben.history.locator('h2:not(article h2)');
  await expect(days).toHaveText(['today']);
  // A day later in this tab: the clocks of the system, and of the worker, are what they were.
  await ben.page.clock.setFixedTime(new Date(performance.timeOrigin + 24 * 60 * 60 * 1000));
  await ben.page.reload();
  await expect(days).toHaveText(['yesterday']);
});

story('a conversation opens where the unread messages begin', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.openSettings('Privacy');
  for (let number = 1; number <= 30; number++) await anna.send(`number ${number}`);
  await expect(ben.inList(anna.username)).toContainText('30 unread messages');
  await ben.openChat(anna.username);
  await expect(ben.history.getByRole('separator')).toHaveText('Unread');
  await expect(ben.history.getByRole('separator')).toBeInViewport();
  await expect(ben.message('number 1')).toBeInViewport();
  await expect(ben.message('number 30')).not.toBeInViewport();
  // Not everything was in front of him yet.
  await expect(anna.mark('number 30')).toHaveAccessibleName('Delivered');
  await ben.page.getByRole('button', { name: 'To the newest message' }).click();
  await expect(ben.message('number 30')).toBeInViewport();
  await expect(anna.mark('number 30')).toHaveAccessibleName('Read');
});

story('a window that changes its size keeps the newest message', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const toNewest = anna.page.getByRole('button', { name: 'To the newest message' });
  const width = 1000;
  await anna.page.setViewportSize({ width, height: 500 });
  for (let number = 1; number <= 12; number++) await anna.send(`number ${number}`);
  // As when the keyboard of a phone comes and goes.
  for (const height of [700, 400, 600, 450, 800]) {
    await anna.page.setViewportSize({ width, height });
    await anna.page.evaluate(async () => {
      for (let frames = 0; frames < 5; frames++) await new Promise(requestAnimationFrame);
    });
    await expect(anna.message('number 12'), `${height} px`).toBeInViewport({ ratio: 1 });
    await expect(toNewest, `${height} px`).toHaveCount(0);
  }
});

story('everything can be reached by the keyboard, from the list to a sent message', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.page.goto('/');
  await expect(anna.inList(ben.username)).toBeVisible();
  const { keyboard } = anna.page;
  const tabTo = async (isThere: () => Promise<boolean>): Promise<void> => {
    for (let presses = 0; presses < 30; presses++) {
      if (await isThere()) return;
      await keyboard.press('Tab');
    }
    throw new Error('the keyboard does not lead there');
  };
  const isFocused = (element: ReturnType<typeof anna.inList>) => (): Promise<boolean> =>
    element.evaluate((node) => node === document.activeElement);
  await tabTo(isFocused(anna.inList(ben.username)));
  await keyboard.press('Enter');
  await expect(anna.composer).toBeVisible();
  await tabTo(isFocused(anna.composer));
  await keyboard.type('Without a mouse');
  await keyboard.press('Shift+Enter');
  await keyboard.type('in two lines');
  await keyboard.press('Enter');
  await expect(ben.history.getByText('Without a mouse')).toHaveText('Without a mouse\nin two lines');
  // Back to a message, its menu, and out of it.
  const actions = anna.message('Hello!').getByRole('button', { name: 'Actions' });
  for (let presses = 0; presses < 30 && !(await isFocused(actions)()); presses++)
    await keyboard.press('Shift+Tab');
  await keyboard.press('Enter');
  await expect(anna.page.getByRole('button', { name: 'React with 👍' })).toBeFocused();
  await keyboard.press('Escape');
  await expect(actions).toBeFocused();
});

story('a notification says who wrote while nobody looked, and never what', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await allowNotifications(ben);
  await ben.openSettings('Appearance and language');
  const wanted = ben.page.getByRole('switch', { name: 'Notifications' });
  await wanted.click();
  await expect(wanted).toBeChecked();
  await anna.send('You look at this');
  await expect(ben.inList(anna.username)).toContainText('You look at this');
  expect(await notifications(ben)).toEqual([]);

  await hide(ben.page);
  await anna.send('The secret is 4711');
  await expect
    .poll(() => notifications(ben))
    .toEqual([{ title: `New message from ${anna.username}`, body: '' }]);
  await show(ben.page);
});
