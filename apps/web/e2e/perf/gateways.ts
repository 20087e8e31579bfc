/** On which gateway somebody is. */
import { tabsName } from '@cipherchat/client-sdk/tabs';
import type { Person } from '../person.js';
import { expect } from '../story.js';
import { Correspondent } from './correspondent.js';

type Watching = { readonly gateway?: string };

/** nginx chooses among those with as few sockets: a few tries are enough. */
const maxTries = 12;

/** Two without a browser. */
export async function correspondentsOnTwoGateways(
  origin: string,
): Promise<readonly [Correspondent, Correspondent]> {
  const one = await Correspondent.arrive({ origin, name: 'carol' });
  for (let tries = 0; tries < maxTries; tries++) {
    const other = await Correspondent.arrive({ origin, name: 'dave' });
    if ((await other.gateway()) !== (await one.gateway())) return [one, other];
    await other.leave();
  }
  throw new Error('nginx knows one gateway only');
}

/** Loads the pages until the two are on different ones. */
export async function onTwoGateways(one: Person, other: Person): Promise<void> {
  for (const { page } of [one, other]) {
    await page.addInitScript((name) => {
      type Told = { readonly event?: { readonly type: string; readonly data: { readonly kind: string } } };
      new BroadcastChannel(name).onmessage = ({ data }: MessageEvent<Told>) => {
        if (data.event?.type === 'connection' && data.event.data.kind === 'live')
          Object.assign(globalThis, data.event.data);
      };
    }, tabsName('account'));
  }
  const gatewayOfOne = await reload(one);
  await expect.poll(() => reload(other), { message: 'two gateways' }).not.toBe(gatewayOfOne);
}

async function reload({ page }: Person): Promise<string> {
  await page.reload();
  const gateway = await page.waitForFunction(() => (globalThis as Watching).gateway);
  return String(await gateway.jsonValue());
}
