/** Workers that die, in Chromium. Real: Web Locks, BroadcastChannel, IndexedDB, and the end of a worker. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { deleteIndexedDbStore } from '../store/indexed-db-store.js';
import { browserChannel } from './tab-ports.js';
import { TabView } from './tab-view.js';

type TextCalls = {
  readonly append: {
    readonly params: { readonly key: string; readonly text: string };
    readonly result: string[];
  };
  readonly read: { readonly params: undefined; readonly result: string[] };
};

const handoverMs = 1_000;
let names = 0;
const ends: (() => void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  for (let each = 1; each <= names; each++) await deleteIndexedDbStore({ name: `tabs-${each}` });
});

function worker(name: string) {
  const started = new Worker(`/tab-worker.js#${name}`, { type: 'module' });
  ends.push(() => started.terminate());
  const hosting = new Promise<void>((resolve) => (started.onmessage = () => resolve()));
  return { started, hosting };
}

function view(name: string) {
  const events: unknown[] = [];
  const hosts: number[] = [];
  const opened = new TabView<TextCalls>({
    channel: browserChannel(name),
    newId: () => crypto.randomUUID(),
    listeners: {
      host: () => hosts.push(performance.now()),
      event: (event) => events.push(event),
      failed: () => undefined,
    },
  });
  ends.push(() => opened.close());
  return { opened, events, hosts };
}

describe('workers of one browser', () => {
  it('take over within a second from one that is ended, and every call is answered once', async () => {
    const name = `tabs-${++names}`;
    const workers = [worker(name)];
    const [first, second] = [view(name), view(name)];
    await workers[0]?.hosting;
    const texts: string[] = [];
    for (let round = 0; round < 5; round++) {
      workers.push(worker(name));
      const calls = Array.from({ length: 20 }, (_, index) => {
        const text = `${round}-${String(index).padStart(2, '0')}`;
        texts.push(text);
        return (index % 2 === 0 ? first : second).opened.call('append', { key: text, text });
      });
      const hostsBefore = first.hosts.length;
      const endedAt = performance.now();
      workers[round]?.started.terminate();
      const answers = await Promise.all(calls);
      expect(answers.every((rows) => rows.length > round * 20)).toBe(true);
      const handovers = first.hosts.slice(hostsBefore);
      expect(handovers.every((at) => at - endedAt < handoverMs)).toBe(true);
      await workers[round + 1]?.hosting;
    }
    expect(await second.opened.call('read', undefined)).toEqual(texts);
    expect(first.hosts.length).toBeGreaterThan(4);
    expect(new Set(first.events.slice(-10)).size).toBe(10);
  });
});
