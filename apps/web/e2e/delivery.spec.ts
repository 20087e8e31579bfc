/** How messages travel: nothing lost, nothing twice. */
import { acquaint } from './person.js';
import { expect, story } from './story.js';

story('two people who are both here write to each other', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.send('Good to see you.');
  await expect(anna.message('Good to see you.')).toHaveCount(1);
  await expect(ben.mark('Good to see you.')).toHaveAccessibleName('Read');
});
