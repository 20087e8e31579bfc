import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeClientFrame,
  decodeClientFrame,
  limits,
  type AppendBatch,
  type AppendResults,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type UserId,
} from '@cipherchat/protocol';
import type { AppendTrace } from './append-trace.js';
import { AppendBatcher, type AppendBatcherParams, type AppendResult } from './append-batcher.js';

const id = <Id extends string>(number: number): Id =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Id;
const user = id<UserId>(1);
const device = id<DeviceId>(2);
const bounds = {
  maxQueuedAppends: 1_000,
  maxQueuedAppendBytes: 10_000_000,
  maxAppendRequests: 2,
  lateAppendMs: 50,
  restAfterAppends: 5,
  restMs: 3,
  busyRetryMs: 300,
};

function frame(params: {
  readonly conversation: number;
  readonly number: number;
  readonly bytes?: number;
}): Uint8Array {
  const { conversation, number, bytes = 10 } = params;
  return encodeClientFrame({
    type: 'append',
    request: number,
    conversation: id<ConversationId>(conversation),
    envelope: id<EnvelopeId>(number),
    commitSeq: 1,
    ciphertext: new Uint8Array(bytes),
  });
}

function numberOf(bytes: Uint8Array): number {
  const decoded = decodeClientFrame(bytes);
  return decoded.type === 'append' ? decoded.request : -1;
}

type Request = {
  /** Which items are recorded. */
  readonly traced: readonly number[];
  readonly numbers: readonly number[];
  readonly answer: () => void;
  readonly fail: () => void;
};

/** A batcher whose requests are answered by hand; a result's seq is the item's number. */
function played(overrides: Partial<AppendBatcherParams['bounds']> = {}) {
  const requests: Request[] = [];
  const failures: unknown[] = [];
  const timers: { readonly callback: () => void; readonly afterMs: number }[] = [];
  const batcher = new AppendBatcher({
    request: (batch: AppendBatch, traces) =>
      new Promise<AppendResults>((resolve, reject) => {
        const numbers = batch.items.map((item) => numberOf(item.frame));
        requests.push({
          numbers,
          traced: traces.map(({ index }) => index),
          answer: () => resolve({ results: numbers.map((seq) => ({ outcome: 'accepted', seq, atMs: 0 })) }),
          fail: () => reject(new Error('away')),
        });
      }),
    onFailure: (error) => failures.push(error),
    schedule: (callback, afterMs) => timers.push({ callback, afterMs }),
    bounds: { ...bounds, ...overrides },
  });
  const answers: [number, AppendResult][] = [];
  const add = (params: {
    readonly conversation: number;
    readonly number: number;
    readonly bytes?: number;
    readonly trace?: AppendTrace;
  }): void => {
    batcher.add({
      user,
      device,
      frame: frame(params),
      arrivedAt: 0,
      trace: params.trace ?? null,
      answer: (result) => answers.push([params.number, result]),
    });
  };
  const pass = (ms: number): void => {
    for (const timer of timers.filter(({ afterMs }) => afterMs <= ms)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.callback();
    }
  };
  return {
    batcher,
    requests,
    answers,
    failures,
    add,
    /** The time passes after which an answer is late. */
    becomeLate: () => pass(bounds.lateAppendMs),
    haveRested: () => pass(bounds.restMs),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('the append batcher', () => {
  it('says which items of a request are recorded, also of those that had to wait', async () => {
    const { requests, add } = played();
    const trace = { hop: 'a'.repeat(16) } as AppendTrace;
    add({ conversation: 1, number: 1 });
    add({ conversation: 2, number: 2, trace });
    add({ conversation: 3, number: 3 });
    add({ conversation: 4, number: 4, trace });
    await turn();
    add({ conversation: 1, number: 5 });
    add({ conversation: 2, number: 6, trace });
    requests[0]?.answer();
    await turn();
    expect(requests.map(({ numbers, traced }) => ({ numbers, traced }))).toEqual([
      { numbers: [1, 2, 3, 4], traced: [1, 3] },
      { numbers: [5, 6], traced: [1] },
    ]);
  });

  it('puts what comes in one turn into one request', async () => {
    const { requests, add, answers } = played();
    for (const number of [1, 2, 3]) add({ conversation: number, number });
    expect(requests).toEqual([]);
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1, 2, 3]]);
    requests[0]?.answer();
    await turn();
    expect(answers.map(([number, { seq }]) => [number, seq])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('collects while a request is under way', async () => {
    const { requests, add } = played();
    for (const number of [1, 2, 3]) {
      add({ conversation: number, number });
      await turn();
    }
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1]]);
    requests[0]?.answer();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [2, 3]]);
  });

  it('goes on without an answer that is late, but for its conversations', async () => {
    const { requests, add, becomeLate } = played();
    add({ conversation: 1, number: 1 });
    await turn();
    add({ conversation: 1, number: 2 });
    add({ conversation: 2, number: 3 });
    await turn();
    becomeLate();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [3]]);
    requests[1]?.answer();
    requests[0]?.answer();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [3], [2]]);
  });

  it('rests after a request of several, and only after such a one', async () => {
    const { requests, add, haveRested } = played();
    for (const number of [1, 2, 3, 4, 5]) add({ conversation: number, number });
    await turn();
    requests[0]?.answer();
    await turn();
    for (const number of [6, 7]) {
      add({ conversation: number, number });
      await turn();
    }
    expect(requests).toHaveLength(1);
    haveRested();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7],
    ]);
    requests[1]?.answer();
    await turn();
    add({ conversation: 8, number: 8 });
    await turn();
    expect(requests).toHaveLength(3);
  });

  it('waits for an answer that takes longer than the rest', async () => {
    const { requests, add, haveRested } = played();
    for (const number of [1, 2, 3, 4, 5]) add({ conversation: number, number });
    await turn();
    add({ conversation: 6, number: 6 });
    haveRested();
    await turn();
    expect(requests).toHaveLength(1);
    requests[0]?.answer();
    await turn();
    expect(requests).toHaveLength(2);
  });

  it('waits the whole time for each request', async () => {
    const { requests, add, becomeLate } = played({ maxAppendRequests: 100 });
    for (const number of [1, 2]) {
      add({ conversation: number, number });
      await turn();
    }
    requests[0]?.answer();
    await turn();
    add({ conversation: 3, number: 3 });
    // It was the first one's time.
    becomeLate();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [2]]);
    becomeLate();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [2], [3]]);
  });

  it('has so many late requests under way and no more', async () => {
    const { requests, add, becomeLate } = played({ maxAppendRequests: 2 });
    for (const number of [1, 2, 3]) {
      add({ conversation: number, number });
      await turn();
      becomeLate();
      await turn();
    }
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [2]]);
    requests[0]?.answer();
    await turn();
    becomeLate();
    await turn();
    expect(requests.map(({ numbers }) => numbers)).toEqual([[1], [2], [3]]);
  });

  it('keeps a request within the bounds of the protocol', async () => {
    const { requests, add } = played({ maxAppendRequests: 100 });
    for (let number = 0; number < limits.maxAppendBatchItems + 1; number++)
      add({ conversation: number, number });
    const large = Math.floor(limits.maxAppendBatchBytes / 9);
    for (let number = 1_000; number < 1_009; number++)
      add({ conversation: number, number, bytes: Math.min(large, limits.maxEnvelopeBytes) });
    await turn();
    expect(requests[0]?.numbers).toHaveLength(limits.maxAppendBatchItems);
    expect(requests.flatMap(({ numbers }) => numbers)).toHaveLength(limits.maxAppendBatchItems + 10);
    expect(requests.length).toBeGreaterThan(2);
  });

  it('answers busy at once when it is full, and what it took when the store is away', async () => {
    const { requests, add, answers, failures } = played({ maxQueuedAppends: 2 });
    for (const number of [1, 2, 3]) add({ conversation: 1, number });
    expect(answers).toEqual([[3, { outcome: 'busy', seq: 0, atMs: 300 }]]);
    await turn();
    requests[0]?.fail();
    await turn();
    expect(answers.map(([number, { outcome }]) => [number, outcome])).toEqual([
      [3, 'busy'],
      [1, 'busy'],
      [2, 'busy'],
    ]);
    expect(failures).toHaveLength(1);
    add({ conversation: 1, number: 4 });
    await turn();
    expect(requests.at(-1)?.numbers).toEqual([4]);
  });

  it('answers each item once and keeps the order of every conversation, however the store answers', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), conversation: fc.nat(3) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(5), fails: fc.boolean() }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { requests, add, answers, becomeLate } = played({ maxAppendRequests: 3 });
        const settled = new Set<Request>();
        const conversations = new Map<number, number[]>();
        let number = 0;
        const settle = (which: number, fails: boolean): void => {
          const open = requests.filter((request) => !settled.has(request));
          const chosen = open[which % Math.max(1, open.length)];
          if (chosen === undefined) return;
          settled.add(chosen);
          if (fails) chosen.fail();
          else chosen.answer();
        };
        for (const next of steps) {
          if (next.kind === 'add') {
            conversations.set(next.conversation, [...(conversations.get(next.conversation) ?? []), ++number]);
            add({ conversation: next.conversation, number });
          } else if (next.kind === 'settle') settle(next.which, next.fails);
          else if (next.kind === 'late') becomeLate();
          else await turn();
        }
        for (let rounds = 0; answers.length < number; rounds++) {
          expect(rounds).toBeLessThan(200);
          await turn();
          settle(0, false);
        }
        expect(answers.map(([answered]) => answered).sort((one, other) => one - other)).toEqual(
          Array.from({ length: number }, (_, index) => index + 1),
        );
        const asked = requests.flatMap(({ numbers }) => numbers);
        for (const own of conversations.values())
          expect(asked.filter((each) => own.includes(each))).toEqual(own);
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});
