import { describe, expect, it } from '@jest/globals';
import {
  limits,
  type AcknowledgeBatch,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import { AcknowledgeMerger } from './acknowledge-merger.js';

const ana = { user: 'ana' as UserId, device: 'phone' as DeviceId };
const ben = { user: 'ben' as UserId, device: 'laptop' as DeviceId };
const position = (conversation: string, seq: number) => ({
  conversation: conversation as ConversationId,
  seq,
});

function played(maxMergedPositions = 1_000) {
  const sent: { readonly batch: AcknowledgeBatch; readonly settle: (isDone: boolean) => void }[] = [];
  const scheduled: { readonly callback: () => void; readonly afterMs: number }[] = [];
  const merger = new AcknowledgeMerger({
    request: (batch) =>
      new Promise((resolve, reject) =>
        sent.push({ batch, settle: (isDone) => (isDone ? resolve() : reject(new Error('away'))) }),
      ),
    onFailure: () => {},
    schedule: (callback, afterMs) => scheduled.push({ callback, afterMs }),
    bounds: { acknowledgeIntervalMs: 25, acknowledgeRetryMs: 1_000, maxMergedPositions },
  });
  return { merger, sent, scheduled, due: () => scheduled.shift()?.callback() };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the acknowledge merger', () => {
  it('tries nothing again once the process ends, so that it can', async () => {
    const { merger, sent, scheduled, due } = played();
    merger.add(ana, [position('a', 1)]);
    due();
    await merger.flush();
    sent[0]?.settle(false);
    await settled();
    merger.add(ben, [position('a', 1)]);
    expect([sent.length, scheduled.length]).toEqual([1, 0]);
  });

  it('sends the highest place of each device and conversation, once, a little later', () => {
    const { merger, sent, scheduled, due } = played();
    merger.add(ana, [position('a', 3), position('b', 9)]);
    merger.add(ana, [position('a', 5), position('b', 2)]);
    merger.add(ben, [position('a', 4)]);
    expect(scheduled.map(({ afterMs }) => afterMs)).toEqual([25]);
    due();
    expect(sent.map(({ batch }) => batch.items)).toEqual([
      [
        { ...ana, positions: [position('a', 5), position('b', 9)] },
        { ...ben, positions: [position('a', 4)] },
      ],
    ]);
  });

  it('has one request under way, and the next takes what came meanwhile', async () => {
    const { merger, sent, scheduled, due } = played();
    merger.add(ana, [position('a', 1)]);
    due();
    merger.add(ana, [position('a', 2)]);
    merger.add(ana, [position('a', 3)]);
    expect([sent.length, scheduled.length]).toEqual([1, 0]);
    sent[0]?.settle(true);
    await settled();
    due();
    expect(sent[1]?.batch.items).toEqual([{ ...ana, positions: [position('a', 3)] }]);
    sent[1]?.settle(true);
    await settled();
    expect(scheduled).toEqual([]);
  });

  it('sends again what failed, with what came meanwhile, after a longer wait', async () => {
    const { merger, sent, scheduled, due } = played();
    merger.add(ana, [position('a', 5), position('b', 1)]);
    due();
    merger.add(ana, [position('a', 3), position('b', 2)]);
    sent[0]?.settle(false);
    await settled();
    expect(scheduled.map(({ afterMs }) => afterMs)).toEqual([1_000]);
    due();
    const [item] = sent[1]?.batch.items ?? [];
    expect(new Map(item?.positions.map(({ conversation, seq }) => [conversation, seq]))).toEqual(
      new Map([
        ['a', 5],
        ['b', 2],
      ]),
    );
  });

  it('keeps requests within the bounds of the protocol, and sends the rest next', async () => {
    const { merger, sent, due } = played();
    const many = Array.from({ length: limits.maxAcknowledgePositions + 1 }, (_, index) =>
      position(`c${index}`, 1),
    );
    merger.add(ana, many);
    for (let index = 0; index < limits.maxAcknowledgeBatchItems; index++)
      merger.add({ user: ben.user, device: `d${index}` as DeviceId }, [position('a', 1)]);
    const places = new Set<string>();
    for (let round = 0; round < 3; round++) {
      due();
      for (const { device, positions } of sent.at(-1)?.batch.items ?? [])
        for (const { conversation } of positions) places.add(`${device} ${conversation}`);
      expect(sent.at(-1)?.batch.items.length).toBeLessThanOrEqual(limits.maxAcknowledgeBatchItems);
      sent.at(-1)?.settle(true);
      await settled();
    }
    expect(places.size).toBe(many.length + limits.maxAcknowledgeBatchItems);
  });

  it('drops what does not fit, and takes more once there is room', async () => {
    const { merger, sent, due } = played(2);
    merger.add(ana, [position('a', 1), position('b', 1), position('c', 1)]);
    merger.add(ana, [position('a', 2)]);
    due();
    expect(sent[0]?.batch.items[0]?.positions).toEqual([position('a', 2), position('b', 1)]);
    sent[0]?.settle(true);
    await settled();
    merger.add(ana, [position('c', 1)]);
    due();
    expect(sent[1]?.batch.items[0]?.positions).toEqual([position('c', 1)]);
  });

  it('sends what there is before the process ends', async () => {
    const { merger, sent } = played();
    const empty = merger.flush();
    await empty;
    merger.add(ana, [position('a', 1)]);
    const flushed = merger.flush();
    sent[0]?.settle(false);
    await flushed;
    expect(sent).toHaveLength(1);
  });
});
