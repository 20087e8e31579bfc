/** When what a person needs is on the screen, counted from the beginning of the navigation. */
import type { Page } from '@playwright/test';
import { tabsName } from '@cipherchat/client-sdk/tabs';

/** Milliseconds. */
export type Arrival = {
  /** The list of conversations, or the word that there are none. */
  readonly list: number;
  /** Where one writes, in the conversation that is open. */
  readonly composer?: number;
  /** A message of it. */
  readonly history?: number;
  /** The client began to connect: after a wait by chance, which is meant (`backoff.ts`). */
  readonly connecting: number;
  readonly live: number;
};

type Watching = { readonly arrival: Partial<Arrival> };

const ofList = ['list', 'connecting', 'live'] as const;
const ofChat = [...ofList, 'composer', 'history'] as const;

/** From the page's first script on. */
export async function watchArrival(page: Page): Promise<void> {
  await page.addInitScript(
    ({ channelName, wanted }) => {
      const arrival: Partial<Record<keyof Arrival, number>> = {};
      Object.assign(globalThis, { arrival });
      const note = (name: keyof Arrival, isThere: boolean): void => {
        if (isThere) arrival[name] ??= performance.now();
        if (!wanted[location.pathname === '/' ? 'list' : 'chat'].every((each) => arrival[each] !== undefined))
          return;
        // Whoever comes afterwards is not watched, and nothing here costs them time.
        looking.disconnect();
        channel.close();
      };
      const isOnPage = (selector: string): boolean => document.querySelector(selector) !== null;
      const looking = new MutationObserver(() => {
        note('list', isOnPage('nav :is(li a, .empty h2)'));
        note('composer', isOnPage('main textarea:enabled'));
        note('history', isOnPage('main [role=log] article'));
      });
      looking.observe(document, { subtree: true, childList: true });
      type Told = { readonly event?: { readonly type: string; readonly data: { readonly kind: string } } };
      const channel = new BroadcastChannel(channelName);
      channel.onmessage = ({ data: { event } }: MessageEvent<Told>) => {
        if (event?.type !== 'connection') return;
        note('connecting', event.data.kind === 'connecting');
        note('live', event.data.kind === 'live');
      };
    },
    { channelName: tabsName('account'), wanted: { list: ofList, chat: ofChat } },
  );
}

/** Once the list is shown, the client is live and, in a conversation, messages and the composer are there. */
export async function arrivalOf(page: Page): Promise<Arrival> {
  const wanted = new URL(page.url()).pathname === '/' ? ofList : ofChat;
  const found = await page.waitForFunction((names) => {
    const { arrival } = globalThis as unknown as Watching;
    return names.every((name) => arrival[name] !== undefined) ? arrival : null;
  }, wanted);
  return (await found.jsonValue()) as Arrival;
}
