/** Several tabs, one client. Real: host and view. Faked: see `testing/tab-world.ts`. */
import { describe, expect, it } from '@jest/globals';
import { TabWorld, type Tab } from '../testing/tab-world.js';
import { HostFaultError } from './tab-errors.js';
import { ViewEndedError } from './tab-view.js';

const handoverMs = 1_000;

type Call = { readonly tab: Tab; readonly text: string; answers: number };

/** A random life of tabs: opened, closed, killed, superseded, failing to open, and calling all the while. */
async function live(seed: number) {
  const world = new TabWorld(seed);
  const calls: Call[] = [];
  const pick = (): Tab | undefined => {
    const alive = world.tabs.filter(({ isAlive }) => isAlive);
    return alive[world.chance(Math.max(1, alive.length))];
  };
  const call = (tab: Tab | undefined): void => {
    if (tab === undefined) return;
    const made: Call = { tab, text: `text ${calls.length}`, answers: 0 };
    calls.push(made);
    tab.append(made.text).then(
      () => made.answers++,
      () => undefined,
    );
  };
  world.openTab();
  for (let action = 0; action < 40; action++) {
    const what = world.chance(20);
    if (what < 3) world.openTab();
    else if (what < 5) pick()?.supersede();
    else if (what < 7 && world.tabs.length > 1) killed(world, pick());
    else if (what < 8) void pick()?.close();
    else if (what < 9) Object.assign(pick() ?? {}, { failures: 2 });
    else call(pick());
    await world.clock.run(world.chance(120));
  }
  if (world.tabs.every(({ isAlive }) => !isAlive)) world.openTab();
  await world.clock.run(20_000);
  return { world, calls };
}

function killed(world: TabWorld, tab: Tab | undefined): void {
  if (tab !== undefined) world.kill(tab);
}

describe('tabs of one browser, whatever happens to them', () => {
  it('carry out every call of a tab that lives once, answer it once, and show the same', async () => {
    let handovers = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const { world, calls } = await live(seed);
      const lived = calls.filter(({ tab }) => tab.isAlive);
      expect([seed, world.broken]).toEqual([seed, []]);
      expect([seed, lived.filter(({ answers }) => answers !== 1)]).toEqual([seed, []]);
      const texts = world.log.map(({ text }) => text);
      expect([seed, new Set(texts).size]).toEqual([seed, texts.length]);
      expect([seed, lived.filter(({ text }) => !texts.includes(text))]).toEqual([seed, []]);
      for (const { isAlive, shown } of world.tabs)
        if (isAlive) expect([seed, shown.map(({ text }) => text).sort()]).toEqual([seed, [...texts].sort()]);
      handovers += world.tabs.filter(({ isAlive }) => !isAlive).length;
    }
    // A life in which nobody ever died would show nothing.
    expect(handovers).toBeGreaterThan(150);
  }, 120_000);
});

describe('the tabs of a browser', () => {
  it('go on within a second when the one that hosts dies in the middle of a call', async () => {
    const world = new TabWorld(7);
    const [first, second] = [world.openTab(), world.openTab()];
    await world.clock.runUntil(() => second.view.isHosted);
    expect(world.hosting.has(first)).toBe(true);
    let answered = false;
    void second.append('hello').then(() => (answered = true));
    await world.clock.run(20);
    world.kill(first);
    await world.clock.run(handoverMs);
    expect([answered, world.log.map(({ text }) => text)]).toEqual([true, ['hello']]);
    expect([...world.hosting]).toEqual([second]);
  });

  it('are told the errors of calls, and what kept the client from being opened', async () => {
    const world = new TabWorld(8);
    const tab = world.openTab();
    tab.failures = 1;
    const refused = tab.append('').catch((error: unknown) => error);
    await world.clock.run(5_000);
    expect(tab.failed).toEqual([new HostFaultError('Error: the store cannot be opened')]);
    expect(await refused).toEqual(new HostFaultError('RangeError: empty'));
  });

  it('get an end for every call when they are closed, or ask too much while nobody answers', async () => {
    const world = new TabWorld(9);
    const tab = world.openTab();
    tab.failures = 1_000;
    const calls = Array.from({ length: 1_001 }, (_, index) =>
      tab.append(`${index}`).catch((error: unknown) => error),
    );
    expect(await calls[1_000]).toEqual(new ViewEndedError('too-many-waiting'));
    tab.view.close();
    expect(await calls[0]).toEqual(new ViewEndedError('closed'));
    await expect(tab.append('late')).rejects.toEqual(new ViewEndedError('closed'));
  });
});
