/** Every address of the route table: the table itself says what is visited, so that a screen cannot be forgotten. */
import { routes, type RouteName } from '../../src/routes.js';
import { expect } from '../story.js';
import { audit } from './audit.js';
import { addressesIn, inHouse } from './house.js';

const notHere = 'There is nothing at this address.';

for (const name of Object.keys(routes) as RouteName[]) {
  inHouse(`the screen of ${routes[name]}`, async ({ house }) => {
    const { page } = house.anna;
    await page.goto(addressesIn(house)[name] ?? routes[name]);
    await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeAttached();
    await expect(page.getByText('Loading…')).toHaveCount(0);
    if (name === 'chat') await expect(house.anna.message('Fine!')).toBeVisible();
    if (name === 'invite') await expect(page.getByText('This is no invite link.')).toBeVisible();
    await expect(page.getByText(notHere), 'every route has a screen').toHaveCount(0);
    await audit({ page, name });
  });
}

inHouse('an address where nothing is', async ({ house }) => {
  const { page } = house.anna;
  await page.goto('/nowhere');
  await expect(page.getByText(notHere)).toBeVisible();
  await audit({ page, name: 'nothing here' });
});
