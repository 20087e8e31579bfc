/** How messages travel, whoever is there and whatever breaks: nothing is lost, nothing is shown twice. */
import { acquaint, type Person } from './person.js';
import { expect, story } from './story.js';

// The history draws what is on the screen: here all of it is.
story.use({ viewport: { width: 1000, height: 2400 } });

const numbers = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `number ${first + index}`);

/**
 * Both show these, each once, in this order. What came twice would come before what is sent last, so that it would be there
 * when that is.
 */
async function bothShow(
  texts: readonly string[],
  { one, other }: { one: Person; other: Person },
): Promise<void> {
  await one.send('That is all.');
  await expect(other.message('That is all.')).toHaveCount(1);
  await expect(one.mark('That is all.')).not.toHaveAccessibleName('Queued');
  for (const { numbers: shown } of [one, other]) await expect(shown).toHaveText([...texts]);
}

story('two people who are both here write to each other', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  for (const text of numbers(1, 5)) await anna.send(text);
  await expect(ben.numbers).toHaveCount(5);
  for (const text of numbers(6, 10)) await ben.send(text);
  await bothShow(numbers(1, 10), { one: anna, other: ben });
  await expect(ben.mark('number 10')).toHaveAccessibleName('Read');
});

story('two people who write at once see the same, in the same order', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const write = async (person: Person, texts: readonly string[]): Promise<void> => {
    for (const text of texts) await person.send(text);
  };
  await Promise.all([write(anna, numbers(1, 10)), write(ben, numbers(11, 20))]);
  await anna.send('That is all.');
  await expect(ben.message('That is all.')).toHaveCount(1);
  await expect(anna.numbers).toHaveCount(20);
  await expect(ben.numbers).toHaveCount(20);
  const shown = await anna.numbers.allTextContents();
  expect([...shown].sort()).toEqual([...numbers(1, 20)].sort());
  await expect(ben.numbers).toHaveText(shown);
});

story('who was away finds everything when they come back', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.closeTabs();
  for (const text of numbers(1, 3)) await anna.send(text);
  await expect(anna.mark('number 3')).toHaveAccessibleName('Sent');
  await ben.open();
  await expect(ben.inList(anna.username)).toContainText('3 unread messages');
  await expect(anna.mark('number 3')).toHaveAccessibleName('Delivered');
  await ben.openChat(anna.username);
  await expect(anna.mark('number 3')).toHaveAccessibleName('Read');
  await bothShow(numbers(1, 3), { one: ben, other: anna });
});

story('what is written without a connection is sent when it is back', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  anna.network.cut();
  await expect(anna.page.getByRole('status', { name: 'Connection' })).not.toBeEmpty();
  for (const text of numbers(1, 3)) await anna.send(text);
  await expect(anna.mark('number 3')).toHaveAccessibleName('Queued');
  await expect(ben.numbers).toHaveCount(0);
  anna.network.heal();
  await expect(anna.mark('number 3')).toHaveAccessibleName('Read');
  await expect(anna.page.getByRole('status', { name: 'Connection' })).toBeEmpty();
  await bothShow(numbers(1, 3), { one: anna, other: ben });
});

story('what waits for a connection survives a reload without one', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.keptOffline();
  anna.network.cut();
  for (const text of numbers(1, 2)) await anna.send(text);
  await anna.page.reload();
  await expect(anna.numbers).toHaveText(numbers(1, 2));
  await expect(anna.mark('number 2')).toHaveAccessibleName('Queued');
  await anna.send('number 3');
  anna.network.heal();
  await expect(ben.numbers).toHaveCount(3);
  await bothShow(numbers(1, 3), { one: anna, other: ben });
});

story('what waits for a connection survives a crash of the browser', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.keptOffline();
  anna.network.cut();
  for (const text of numbers(1, 2)) await anna.send(text);
  await expect(anna.numbers).toHaveCount(2);
  await anna.crash();
  await anna.open();
  await anna.openChat(ben.username);
  await expect(anna.numbers).toHaveText(numbers(1, 2));
  anna.network.heal();
  await expect(ben.numbers).toHaveCount(2);
  await bothShow(numbers(1, 2), { one: anna, other: ben });
});

story('a message whose answer was lost with the tab arrives once', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.keptOffline();
  anna.network.loseAnswers();
  await anna.send('number 1');
  // The system has it, and whoever sent it does not know.
  await expect(ben.numbers).toHaveText(['number 1']);
  await expect(anna.mark('number 1')).toHaveAccessibleName('Queued');
  await anna.closeTabs();
  anna.network.heal();
  await anna.open();
  await anna.openChat(ben.username);
  await expect(anna.mark('number 1')).toHaveAccessibleName('Read');
  await bothShow(['number 1'], { one: anna, other: ben });
});

story('a tab that is closed in the middle of a send loses nothing', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  for (const text of numbers(1, 6)) {
    await anna.send(text);
    // It is on the screen, so it may be relied on; how far it has come is chance.
    await expect(anna.message(text)).toHaveCount(1);
    await anna.closeTabs();
    await anna.open();
    await anna.openChat(ben.username);
  }
  await bothShow(numbers(1, 6), { one: anna, other: ben });
});

story('a browser that crashes while messages come in shows each once', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  for (const [index, text] of numbers(1, 8).entries()) {
    await ben.send(text);
    if (index % 3 !== 2) continue;
    await anna.crash();
    await anna.open();
    await anna.openChat(ben.username);
  }
  await bothShow(numbers(1, 8), { one: ben, other: anna });
});

story('two people who both had no connection meet again', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  anna.network.cut();
  ben.network.cut();
  for (const text of numbers(1, 3)) await anna.send(text);
  for (const text of numbers(4, 6)) await ben.send(text);
  anna.network.heal();
  await expect(anna.mark('number 3')).toHaveAccessibleName('Sent');
  ben.network.heal();
  await expect(anna.mark('number 3')).toHaveAccessibleName('Read');
  await expect(anna.numbers).toHaveCount(6);
  await bothShow(numbers(1, 6), { one: anna, other: ben });
});
