/** The queue of steps on a memory store: write before effect, and nothing from a crashed or refused step. */
import { describe, expect, it } from '@jest/globals';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import { Memory } from './memory.js';
import type { ProfileRow } from './rows.js';
import { Steps, type HaltReason, type StepPoint } from './steps.js';
import { only, tables } from './tables.js';

async function setUp(
  params: {
    readonly wrap?: (store: Store) => Store;
    readonly probe?: (point: StepPoint) => void | Promise<void>;
  } = {},
) {
  const disk = createMemoryDisk();
  const plain = createMemoryStore(disk);
  const store = params.wrap?.(plain) ?? plain;
  const log: string[] = [];
  const halted: HaltReason[] = [];
  const memory = new Memory({} as ProfileRow);
  const steps = new Steps({
    whole: Promise.resolve(),
    store,
    memory,
    writerGeneration: await plain.claimWriter(),
    probe: ({ point }) => params.probe?.(point),
    publishEvent: (event) => log.push(`event ${event.type}`),
    expiring: () => undefined,
    halted: (reason) => halted.push(reason),
  });
  const step = (order: number) =>
    steps.run('settings/read-marks', async (transaction) => {
      const device = (await transaction.get(tables.device, only)) ?? memory.device;
      log.push(`decide ${order} after ${device.nextIntentOrder}`);
      transaction.put(tables.device, only, { ...device, nextIntentOrder: order });
      transaction.emit({ type: 'fault', data: { during: 'test', error: null } });
      transaction.after(() => log.push(`effect ${order}, in memory ${memory.device.nextIntentOrder}`));
    });
  return { disk, store: plain, steps, memory, step, log, halted };
}

describe('steps', () => {
  it('run one after another, and each sees what those before it wrote', async () => {
    const { step, log } = await setUp();
    await Promise.all([step(2), step(3)]);
    expect(log).toEqual([
      'decide 2 after 1',
      'event fault',
      'effect 2, in memory 2',
      'decide 3 after 2',
      'event fault',
      'effect 3, in memory 3',
    ]);
  });

  it('tell and do nothing before the write', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { step, log } = await setUp({
      wrap: (store) => ({ ...store, write: async (batch) => gate.then(() => store.write(batch)) }),
    });
    const running = step(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['decide 2 after 1']);
    release();
    await running;
    expect(log).toHaveLength(3);
  });

  it('that throw change nothing, and the next one runs', async () => {
    const { steps, step, log, store } = await setUp();
    const failing = steps.run('settings/read-marks', (transaction) => {
      transaction.put(tables.device, only, {
        generation: 9,
        nextIntentOrder: 9,
        readMarks: 'kept',
        failureReports: 'sent',
      });
      transaction.after(() => log.push('effect of a step that failed'));
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await store.get(tables.device.name, only)).toBeNull();
    await step(2);
    expect(log[0]).toBe('decide 2 after 1');
  });

  it('stop for good when another writer took over', async () => {
    const { step, store, log, halted } = await setUp();
    await store.claimWriter();
    await expect(step(2)).rejects.toMatchObject({ name: 'SupersededError' });
    await expect(step(3)).rejects.toMatchObject({ name: 'HaltedError', reason: 'superseded' });
    expect([halted, log]).toEqual([['superseded'], ['decide 2 after 1']]);
  });

  it('stop for good when the store fails: what is stored is not known any more', async () => {
    const { step, halted } = await setUp({
      wrap: (store) => ({ ...store, write: () => Promise.reject(new Error('disk full')) }),
    });
    await expect(step(2)).rejects.toThrow('disk full');
    await expect(step(3)).rejects.toMatchObject({ reason: 'storage-failed' });
    expect(halted).toEqual(['storage-failed']);
  });

  it.each([
    ['begun', false, 0],
    ['decided', false, 1],
    ['written', true, 1],
    ['published', true, 2],
    ['done', true, 3],
  ] as const)('crashed at “%s”: written %s, and %i lines of the log', async (crashAt, isWritten, lines) => {
    const { step, store, log } = await setUp({
      probe: (point) => (point === crashAt ? new Promise<never>(() => undefined) : undefined),
    });
    void step(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await store.get(tables.device.name, only)) !== null).toBe(isWritten);
    expect(log).toHaveLength(lines);
  });
});
