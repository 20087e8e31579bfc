/**
 * Tabs of one browser in virtual time: each has a view and stands in line to host. Real: `hostClient` and `TabView`.
 * Faked: the channel (every pair of ends has its own delays, and keeps the order), the lock, and what is hosted, whose
 * log outlives the tabs as a disk does.
 */
import { HaltedError } from '../state/steps.js';
import { hostClient, type Hosted } from '../tabs/host-client.js';
import type { TabChannel, TabLocks } from '../tabs/tab-ports.js';
import { TabView, type Calls } from '../tabs/tab-view.js';
import { seededRandom, VirtualClock } from './virtual-clock.js';

type End = { readonly tab: Tab; listener: (message: unknown) => void };
type Turn = { readonly tab: Tab; readonly begin: () => void };

export type Appended = { readonly id: string; readonly text: string };

const maxDelayMs = 30;

export class TabWorld {
  readonly clock: VirtualClock;
  /** What is durable. */
  readonly log: Appended[] = [];
  readonly tabs: Tab[] = [];
  /** At any time the tabs whose client is open. */
  readonly hosting = new Set<Tab>();
  readonly broken: string[] = [];
  private readonly ends = new Set<End>();
  private readonly lastArrival = new Map<End, Map<End, number>>();
  private holder: Tab | null = null;
  private line: Turn[] = [];
  private ids = 0;
  private readonly random: (length: number) => Uint8Array;

  readonly openHosted: ((tab: Tab) => Promise<Hosted>) | null;

  /** `open` hosts something else than the log. */
  constructor(
    seed: number,
    params: { readonly clock?: VirtualClock; readonly open?: (tab: Tab) => Promise<Hosted> } = {},
  ) {
    this.random = seededRandom(seed);
    this.clock = params.clock ?? new VirtualClock();
    this.openHosted = params.open ?? null;
  }

  chance(limit: number): number {
    return ((this.random(2)[0] ?? 0) * 256 + (this.random(2)[0] ?? 0)) % limit;
  }

  newId(): string {
    return `id-${++this.ids}`;
  }

  openTab(): Tab {
    const tab = new Tab(this);
    this.tabs.push(tab);
    return tab;
  }

  /** It dies at once: nothing that it has not posted yet is heard, and its lock is free. */
  kill(tab: Tab): void {
    tab.isAlive = false;
    this.hosting.delete(tab);
    for (const end of this.ends) if (end.tab === tab) this.ends.delete(end);
    this.line = this.line.filter((turn) => turn.tab !== tab);
    if (this.holder === tab) this.giveOn();
  }

  channelOf(tab: Tab): TabChannel {
    const end: End = { tab, listener: () => undefined };
    this.ends.add(end);
    return {
      post: (message) => {
        if (tab.isAlive) for (const to of this.ends) if (to !== end) this.carry({ from: end, to, message });
      },
      listen: (listener) => (end.listener = listener),
      close: () => void this.ends.delete(end),
    };
  }

  locksOf(tab: Tab): TabLocks {
    return {
      hold: (_name, signal, work) =>
        new Promise((resolve, reject) => {
          const begin = (): void => {
            work().then(
              () => this.release(tab, resolve),
              (error: unknown) => this.release(tab, () => reject(error)),
            );
          };
          signal.addEventListener('abort', () => {
            const before = this.line.length;
            this.line = this.line.filter((turn) => turn.begin !== begin);
            if (this.line.length < before) reject(new Error('aborted'));
          });
          this.line.push({ tab, begin });
          if (this.holder === null) this.giveOn();
        }),
    };
  }

  private release(tab: Tab, settle: () => void): void {
    if (!tab.isAlive) return;
    this.giveOn();
    settle();
  }

  private giveOn(): void {
    const next = this.line.shift();
    this.holder = next?.tab ?? null;
    if (next !== undefined) this.clock.setTimer(() => next.tab.isAlive && next.begin(), 1);
  }

  private carry({
    from,
    to,
    message,
  }: {
    readonly from: End;
    readonly to: End;
    readonly message: unknown;
  }): void {
    const arrivals = this.lastArrival.get(from) ?? new Map<End, number>();
    this.lastArrival.set(from, arrivals);
    const atMs = Math.max(arrivals.get(to) ?? 0, this.clock.nowMs() + this.chance(maxDelayMs));
    arrivals.set(to, atMs);
    const copy: unknown = structuredClone(message);
    this.clock.setTimer(() => {
      if (to.tab.isAlive && this.ends.has(to)) to.listener(copy);
    }, atMs - this.clock.nowMs());
  }
}

export class Tab {
  isAlive = true;
  /** The next attempts to open the client fail. */
  failures = 0;
  /** What it shows: what was read when a host was met, and what was told since. */
  shown: Appended[] = [];
  /** What it was told, as it came. */
  readonly told: unknown[] = [];
  readonly failed: Error[] = [];
  readonly view: TabView<Calls>;
  private readonly host: ReturnType<typeof hostClient>;
  private endHosting: () => void = () => undefined;

  constructor(private readonly world: TabWorld) {
    this.view = new TabView({
      channel: world.channelOf(this),
      newId: () => world.newId(),
      listeners: {
        host: () => void this.readAnew(),
        event: (event) => {
          this.told.push(event);
          this.show(event as Appended);
        },
        failed: (error) => this.failed.push(error),
      },
    });
    this.host = hostClient({
      name: 'client',
      channel: world.channelOf(this),
      locks: world.locksOf(this),
      clock: {
        nowMs: world.clock.nowMs,
        setTimer: (callback, delayMs) => world.clock.setTimer(() => this.isAlive && callback(), delayMs),
      },
      newId: () => world.newId(),
      open: () => world.openHosted?.(this) ?? this.open(),
    });
  }

  append(text: string): Promise<unknown> {
    return this.view.call('append', { id: this.world.newId(), text });
  }

  /** Its store is taken over by another. */
  supersede(): void {
    this.endHosting();
  }

  /** As its person closes it. */
  async close(): Promise<void> {
    this.view.close();
    await this.host.stop();
    this.world.kill(this);
  }

  private async readAnew(): Promise<void> {
    const read = (await this.view.call('read', null).catch(() => [])) as readonly Appended[];
    const known = new Set(read.map(({ id }) => id));
    this.shown = [...read, ...this.shown.filter(({ id }) => !known.has(id))];
  }

  private show(appended: Appended): void {
    if (!this.shown.some(({ id }) => id === appended.id)) this.shown.push(appended);
  }

  private async open(): Promise<Hosted> {
    const { world } = this;
    await this.pass(world.chance(100));
    if (this.failures > 0) {
      this.failures--;
      throw new Error('the store cannot be opened');
    }
    if (world.hosting.size > 0) world.broken.push('two tabs host the client at once');
    world.hosting.add(this);
    let listener: (event: unknown) => void = () => undefined;
    let isOpen = true;
    const ended = new Promise<void>((resolve) => {
      this.endHosting = () => {
        isOpen = false;
        world.hosting.delete(this);
        resolve();
      };
    });
    /** It takes a while, and a client that ended meanwhile does nothing more. */
    const step = async (): Promise<void> => {
      await this.pass(world.chance(40));
      if (!isOpen) throw new HaltedError('superseded');
    };
    return {
      call: async (name, params) => {
        await step();
        if (name === 'read') return [...world.log];
        const appended = params as Appended;
        if (appended.text === '') throw new RangeError('empty');
        if (!world.log.some(({ id }) => id === appended.id)) world.log.push(appended);
        listener(appended);
        await step();
        return world.log.findIndex(({ id }) => id === appended.id);
      },
      listen: (told) => (listener = told),
      ended,
      close: async () => this.endHosting(),
    };
  }

  /** A tab that died meanwhile does nothing more. */
  private async pass(delayMs: number): Promise<void> {
    await this.world.clock.wait(delayMs);
    if (!this.isAlive) await new Promise<never>(() => undefined);
  }
}
