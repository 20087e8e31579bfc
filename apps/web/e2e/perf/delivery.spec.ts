/**
 * From the press of Enter to the frame on the other person's screen, with two browsers on two gateways; and from `send` to
 * the event with two clients without browser or disk, by the same way (nginx, two gateways), in the same run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { acquaint, type Person } from '../person.js';
import { expect, story } from '../story.js';
import { correspondentsOnTwoGateways, onTwoGateways } from './gateways.js';
import { hold, latencyOf, tell } from './held.js';

const messages = 50;
const textOf = (number: number): string => `probe ${number}.`;
/** Between two messages: about as people write who are in a hurry. */
const pauseMs = (number: number): number => 60 + ((number * 37) % 90);
/** The design's aim for the 99th of 100, whatever the load. */
const maxMs = 200;

story('a message is on the other screen at once', async ({ people, baseURL: origin = '' }) => {
  story.setTimeout(180_000);
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await onTwoGateways(anna, ben);
  const [pressed, shown] = [await watchPresses(anna), await watchShown(ben)];
  for (let number = 1; number <= messages; number++) {
    await anna.send(textOf(number));
    await expect(ben.message(textOf(number))).toHaveCount(1);
    await pause(pauseMs(number));
  }
  const [sentAt, shownAt] = [await pressed(), await shown()];
  const times = sentAt.map((atMs, index) => (shownAt[textOf(index + 1)] ?? NaN) - atMs);
  expect(times).toHaveLength(messages);
  const floor = latencyOf(await bareTimes(origin));
  const { p50, p95, max } = latencyOf(times);
  tell('from Enter to the other screen, ms', { p50, p95, max });
  tell('between two clients without a browser, ms', floor);
  hold({ name: 'shownP95Ms', what: 'from Enter to the other screen, p95, ms', value: p95, atMost: maxMs });
  tell('to two clients without a browser, p50', p50 / floor.p50);
});

/** When Enter was pressed. Times are of the clock that all pages share. */
async function watchPresses({ page }: Person): Promise<() => Promise<readonly number[]>> {
  await page.evaluate(() => {
    const pressedAt: number[] = [];
    Object.assign(globalThis, { pressedAt });
    document.addEventListener(
      'keydown',
      ({ key, timeStamp }) => key === 'Enter' && pressedAt.push(performance.timeOrigin + timeStamp),
      { capture: true },
    );
  });
  return () => page.evaluate(() => (globalThis as unknown as { pressedAt: number[] }).pressedAt);
}

/** When the frame was drawn in which a message stands, by its text. */
async function watchShown({ page }: Person): Promise<() => Promise<Readonly<Record<string, number>>>> {
  await page.evaluate(() => {
    const shownAt: Record<string, number> = {};
    Object.assign(globalThis, { shownAt });
    const history = document.querySelector('[role=log]');
    if (history === null) throw new Error('no conversation is open');
    const waiting = new Set<string>();
    new MutationObserver(() => {
      const [text] = /probe \d+\.(?!.*probe)/.exec(history.textContent) ?? [];
      if (text === undefined || waiting.has(text)) return;
      waiting.add(text);
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (shownAt[text] = performance.timeOrigin + performance.now());
        port2.postMessage(null);
      });
    }).observe(history, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { shownAt: Record<string, number> }).shownAt);
}

async function bareTimes(origin: string): Promise<readonly number[]> {
  const [carol, dave] = await correspondentsOnTwoGateways(origin);
  const { user } = await carol.client.findUser(dave.username);
  const conversation = await carol.client.direct(user);
  const arrivals = new Map<string, PromiseWithResolvers<number>>();
  const arrivalOf = (text: string): PromiseWithResolvers<number> => {
    const arrival = arrivals.get(text) ?? Promise.withResolvers<number>();
    arrivals.set(text, arrival);
    return arrival;
  };
  dave.client.on('message', ({ body }) => {
    if (body.kind === 'text') arrivalOf(body.text).resolve(performance.now());
  });
  const times: number[] = [];
  // The first makes the group, and does not count.
  for (let number = 0; number <= messages; number++) {
    const beginMs = performance.now();
    await conversation.send(textOf(number));
    const atMs = await arrivalOf(textOf(number)).promise;
    if (number > 0) times.push(atMs - beginMs);
    await pause(pauseMs(number));
  }
  await Promise.all([carol.leave(), dave.leave()]);
  return times;
}
