/** Several tabs of one browser: one of them holds the keys, and all show the same. */
import { acquaint, type Person } from './person.js';
import { expect, figure, story } from './story.js';

story.use({ viewport: { width: 1000, height: 2400 } });

/** A second tab at the same conversation; the first one holds the keys, since it was there before. */
async function openSecondTab(person: Person): Promise<void> {
  await person.open(new URL(person.page.url()).pathname);
  await expect(person.message('Hello!')).toHaveCount(1);
}

story('two tabs show the same, whichever is written in', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const first = anna.page;
  await openSecondTab(anna);
  const second = anna.page;
  await anna.send('number 1');
  await anna.lookAt(first);
  await anna.send('number 2');
  // Of two who write at once the log decides who was first.
  await expect(ben.numbers).toHaveCount(2);
  await ben.send('number 3');
  for (const tab of [first, second]) {
    await anna.lookAt(tab);
    await expect(anna.numbers).toHaveText(['number 1', 'number 2', 'number 3']);
  }
  await expect(ben.numbers).toHaveText(['number 1', 'number 2', 'number 3']);
});

story('another tab takes over from one that is closed', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const first = anna.page;
  await openSecondTab(anna);
  await first.close();
  const startedAt = performance.now();
  await anna.send('number 1');
  await expect(anna.mark('number 1')).toHaveAccessibleName(/^(Sent|Delivered|Read)$/);
  figure(`from closing the first tab until a message of the second is sent: ms=${since(startedAt)}`);
  await expect(ben.numbers).toHaveText(['number 1']);
});

story('another tab takes over from one that crashed', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const first = anna.page;
  await openSecondTab(anna);
  const second = anna.page;
  await anna.lookAt(first);
  await anna.crash();
  await anna.lookAt(second);
  const startedAt = performance.now();
  await anna.send('number 1');
  await expect(anna.mark('number 1')).toHaveAccessibleName(/^(Sent|Delivered|Read)$/);
  figure(`from the crash of the first tab until a message of the second is sent: ms=${since(startedAt)}`);
  await expect(ben.numbers).toHaveText(['number 1']);
});

story('nothing is lost or shown twice when tabs come and go in a conversation', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const all: string[] = [];
  for (let round = 0; round < 4; round++) {
    const holder = anna.page;
    await openSecondTab(anna);
    const [own, theirs] = [`number ${all.length + 1}`, `number ${all.length + 2}`];
    await Promise.all([anna.send(own), ben.send(theirs), holder.close()]);
    all.push(own, theirs);
  }
  await anna.send('That is all.');
  await expect(ben.message('That is all.')).toHaveCount(1);
  await expect(anna.numbers).toHaveCount(all.length);
  const shown = await anna.numbers.allTextContents();
  expect([...shown].sort()).toEqual([...all].sort());
  await expect(ben.numbers).toHaveText(shown);
});

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
