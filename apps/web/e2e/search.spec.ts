/** Looking for what was said: on this device, by how words begin, and from there to the message. */
import { acquaint, type Person } from './person.js';
import { expect, story } from './story.js';

const field = ({ page }: Person) => page.getByRole('search').getByRole('textbox');
const results = ({ page }: Person) => page.getByRole('search').getByRole('listitem').getByRole('link');

async function openSearch(person: Person): Promise<void> {
  await person.page.getByRole('link', { name: 'Search messages' }).click();
  await expect(field(person)).toBeFocused();
}

/** More than a window shows, and the page before it. */
async function talkALot(person: Person): Promise<void> {
  for (let number = 1; number <= 70; number++) await person.send(`number ${number}`);
}

story('what was said long ago is found as one types, and opened where it stands', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.send('The Café closes at noon');
  await talkALot(anna);
  await expect(ben.message('number 70')).toHaveCount(1);
  await anna.page.reload();
  await openSearch(anna);
  await field(anna).pressSequentially('cafe noo');
  await expect(results(anna)).toHaveCount(1);
  await expect(results(anna).locator('mark')).toHaveText(['Café', 'noon']);
  await expect(results(anna)).toContainText(ben.username);
  expect(anna.page.url()).not.toContain('caf');
  expect(await anna.page.title()).not.toContain('caf');

  await anna.page.keyboard.press('ArrowDown');
  await expect(results(anna).first()).toBeFocused();
  await anna.page.keyboard.press('Enter');
  await expect(anna.message('The Café closes at noon')).toBeInViewport();
  await expect(anna.message('The Café closes at noon')).toBeFocused();
  await anna.page.goBack();
  await expect(field(anna)).toHaveValue('cafe noo');
  await expect(results(anna)).toHaveCount(1);
});

story('what was edited is found by its new words, and what was deleted not at all', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.send('the meeting is on Monday');
  await ben.send('the meeting needs milk');
  await expect(anna.inList(ben.username)).toContainText('the meeting needs milk');
  await openSearch(anna);
  await field(anna).fill('meet');
  await expect(results(anna)).toHaveCount(2);
  await field(anna).fill('monday meet');
  await expect(results(anna)).toHaveCount(1);

  const act = async (text: string, action: string): Promise<void> => {
    await ben.message(text).hover();
    await ben.message(text).getByRole('button', { name: 'Actions' }).click();
    await ben.page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: action }).click();
  };
  await act('the meeting is on Monday', 'Edit');
  await ben.send('the meeting is on Friday');
  // The list that is open does not show what is so no more.
  await expect(anna.page.getByText('No message has these words.').last()).toBeVisible();
  await field(anna).fill('friday');
  await expect(results(anna)).toHaveCount(1);
  await act('the meeting needs milk', 'Delete');
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await field(anna).fill('milk');
  await expect(anna.page.getByText('No message has these words.').last()).toBeVisible();
  await expect(results(anna)).toHaveCount(0);
});

story('a search stays in one conversation, until it is widened', async ({ people }) => {
  const [anna, ben, cleo] = await people('anna', 'ben', 'cleo');
  await acquaint(anna, ben);
  await acquaint(anna, cleo);
  await ben.send('a word from ben');
  await expect(anna.inList(ben.username)).toContainText('a word from ben');
  await anna.page.getByRole('link', { name: 'Details' }).click();
  await anna.page.getByRole('link', { name: 'Search in this conversation' }).click();
  await expect(field(anna)).toBeFocused();
  await field(anna).fill('word');
  await anna.page.getByRole('link', { name: 'Search in all conversations' }).click();
  await expect(results(anna)).toHaveCount(1);
  await expect(results(anna)).toContainText(ben.username);
});
