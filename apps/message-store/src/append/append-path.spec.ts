/** The append path alone: the database and NATS are played. */
import { describe, expect, it } from '@jest/globals';
import {
  encodeClientFrame,
  type AppendBatch,
  type AppendResults,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type UserId,
} from '@cipherchat/protocol';
import type { Tracing } from '@cipherchat/telemetry';
import { LivePublisher } from '../live/live-publisher.js';
import { RosterCache } from '../live/roster-cache.js';
import { AppendPath, type AppendBounds, type BatchTrace } from './append-path.js';
import type { AppendItem, AppendStatement, AppendVerdict } from './append-statement.js';

const id = <Id extends string>(number: number): Id =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Id;
const conversation = id<ConversationId>(1);
const user = id<UserId>(2);
const device = id<DeviceId>(3);
const bounds: AppendBounds = {
  maxWriteItems: 10,
  maxWriteBytes: 1_000,
  maxQueuedItems: 20,
  maxQueuedBytes: 2_000,
  busyRetryMs: 700,
};

type Write = {
  readonly items: readonly AppendItem[];
  readonly commit: () => void;
  readonly fail: (error: Error) => void;
};

/** An append path whose transactions are committed by hand; what happens is written down in order. */
function playedPath(overrides: Partial<AppendBounds> = {}, published: (subject: string) => void = () => {}) {
  const writes: Write[] = [];
  const happened: string[] = [];
  const rosters = new RosterCache(100);
  const nats = { isClosed: false };
  let seq = 0;
  const append: AppendStatement = ({ items }) =>
    new Promise((resolve, reject) => {
      const verdicts = (): readonly AppendVerdict[] =>
        items.map(() => ({
          kind: 'accepted',
          seq: ++seq,
          atMs: 5,
          roster: { version: '1', devices: new Map(), users: [user, id<UserId>(9)] },
        }));
      writes.push({
        items,
        commit: () => {
          happened.push('commit');
          resolve(verdicts());
        },
        fail: reject,
      });
    });
  const apart = (name: string) => ({
    set: (attributes: Readonly<Record<string, string>>) =>
      happened.push(`${name} ${attributes['cipherchat.hop']}`),
    end: () => happened.push(`${name} ends`),
  });
  const path = new AppendPath({
    append,
    live: new LivePublisher(
      (subject, _payload, span) => {
        if (nats.isClosed) throw new Error('closed');
        happened.push(`publish ${subject}${span === undefined ? '' : ' traced'}`);
        published(subject);
      },
      { tracing: { apart } as unknown as Tracing },
    ),
    rosters,
    bounds: { ...bounds, ...overrides },
    onFailure: (error, items) => happened.push(`failure of ${items}: ${String(error)}`),
  });
  const submit = async (count: number, bytes = 10): Promise<AppendResults['results']> => {
    const items = Array.from({ length: count }, () => ({ user, device, frame: frame(bytes) }));
    const { results } = await answerOf(path, items);
    happened.push(`answer ${results.map(({ outcome }) => outcome).join(',')}`);
    return results;
  };
  return { path, submit, writes, happened, rosters, nats };
}

const answerOf = (path: AppendPath, items: AppendBatch['items']): Promise<AppendResults> =>
  new Promise((answer) => {
    path.submit({ items }, answer);
  });

let envelopes = 0;
function frame(bytes: number): Uint8Array {
  return encodeClientFrame({
    type: 'append',
    request: 1,
    conversation,
    envelope: id<EnvelopeId>(++envelopes),
    commitSeq: 1,
    ciphertext: new Uint8Array(bytes),
  });
}

/** The next turn of the event loop, in which a scheduled write begins. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** Of a batch in which the item with this index is recorded. */
function batchTrace(
  happened: string[],
  params: { readonly name: string; readonly index: number },
): BatchTrace {
  const { name, index } = params;
  const span = {
    name,
    within: (work: () => unknown) => {
      happened.push(`${name} begins`);
      return work();
    },
    link: (other: { readonly name: string }) => happened.push(`${name} is linked with ${other.name}`),
  };
  return { span: span as unknown as BatchTrace['span'], hops: new Map([[index, `hop of ${name}`]]) };
}

describe('what is recorded of a batch', () => {
  it('is its transaction, under the first in it, and the publish of each recorded item, apart', async () => {
    const { path, writes, happened } = playedPath();
    const items = (count: number): AppendBatch['items'] =>
      Array.from({ length: count }, () => ({ user, device, frame: frame(10) }));
    path.submit({ items: items(1) }, () => {});
    path.submit({ items: items(2), trace: batchTrace(happened, { name: 'one', index: 1 }) }, () => {});
    path.submit({ items: items(1), trace: batchTrace(happened, { name: 'other', index: 7 }) }, () => {});
    await turn();
    writes[0]?.commit();
    await turn();
    const toBoth = (traced = ''): readonly string[] =>
      [2, 9].map((n) => `publish live.user.${id(n)}${traced}`);
    expect(happened).toEqual([
      'other is linked with one',
      'one begins',
      'commit',
      ...toBoth(),
      ...toBoth(),
      'message-store publish hop of one',
      ...toBoth(' traced'),
      'message-store publish ends',
      ...toBoth(),
    ]);
  });
});

describe('the append path', () => {
  it('answers in the turn in which it publishes, so that both leave in one write', async () => {
    const { path, writes, happened } = playedPath({}, (subject) => {
      queueMicrotask(() => happened.push(`NATS writes ${subject}`));
    });
    path.submit({ items: [{ user, device, frame: frame(10) }] }, () => happened.push('answer'));
    await turn();
    writes[0]?.commit();
    await turn();
    expect(happened.indexOf('answer')).toBe(3);
    expect(happened[4]).toBe(`NATS writes live.user.${user}`);
  });

  it('begins the next transaction before it publishes the one before, and keeps their order', async () => {
    const { submit, writes, happened } = playedPath();
    const first = submit(1);
    await turn();
    const second = submit(1);
    writes[0]?.commit();
    await first;
    expect(writes).toHaveLength(2);
    writes[1]?.commit();
    await second;
    expect(happened.filter((what) => !what.startsWith('publish'))).toEqual([
      'commit',
      'answer accepted',
      'commit',
      'answer accepted',
    ]);
  });

  it('publishes after the commit and answers after that', async () => {
    const { submit, writes, happened } = playedPath();
    const answered = submit(1);
    await turn();
    expect(happened).toEqual([]);
    writes[0]?.commit();
    await answered;
    expect(happened).toEqual([
      'commit',
      `publish live.user.${user}`,
      `publish live.user.${id(9)}`,
      'answer accepted',
    ]);
  });

  it('has one transaction in flight, and puts what comes meanwhile into the next', async () => {
    const { submit, writes } = playedPath();
    const all = [submit(1)];
    await turn();
    all.push(submit(2), submit(3));
    await turn();
    expect(writes.map(({ items }) => items.length)).toEqual([1]);
    writes[0]?.commit();
    await turn();
    expect(writes.map(({ items }) => items.length)).toEqual([1, 5]);
    writes[1]?.commit();
    const results = await Promise.all(all);
    expect(results.map((each) => each.map(({ seq }) => seq))).toEqual([[1], [2, 3], [4, 5, 6]]);
  });

  it('keeps a transaction within its bounds, takes whole requests, and keeps their order', async () => {
    const { submit, writes } = playedPath({ maxWriteItems: 4, maxWriteBytes: 100 });
    const all = [submit(1), submit(3), submit(2), submit(1, 90), submit(1, 500), submit(1)];
    const sizes: number[] = [];
    for (let done = 0; done < 4; done++) {
      await turn();
      const write = writes[done];
      sizes.push(write?.items.length ?? 0);
      write?.commit();
    }
    await turn();
    writes[4]?.commit();
    const results = await Promise.all(all);
    // 1 + 3 items; then 2 and not 90 bytes more; then each that is too large with another stands alone.
    expect(sizes).toEqual([4, 2, 1, 1]);
    expect(results.flat().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('answers busy when the transaction fails, publishes nothing, and goes on', async () => {
    const { submit, writes, happened } = playedPath();
    const failed = submit(2);
    await turn();
    writes[0]?.fail(new Error('gone'));
    expect(await failed).toEqual([
      { outcome: 'busy', seq: 0, atMs: 700 },
      { outcome: 'busy', seq: 0, atMs: 700 },
    ]);
    expect(happened).toEqual(['failure of 2: Error: gone', 'answer busy,busy']);
    const next = submit(1);
    await turn();
    writes[1]?.commit();
    expect((await next)[0]?.outcome).toBe('accepted');
  });

  it('answers busy what it stored and could not publish, and goes on', async () => {
    const { submit, writes, happened, nats } = playedPath();
    nats.isClosed = true;
    const unpublished = submit(2);
    await turn();
    writes[0]?.commit();
    expect((await unpublished).map(({ outcome }) => outcome)).toEqual(['busy', 'busy']);
    expect(happened).toContain('failure of 2: Error: closed');
    nats.isClosed = false;
    const published = submit(1);
    await turn();
    writes[1]?.commit();
    expect((await published).map(({ outcome }) => outcome)).toEqual(['accepted']);
  });

  it('refuses as a whole, at once, what does not fit its queue', async () => {
    for (const params of [{ maxQueuedItems: 2 }, { maxQueuedBytes: 25 }]) {
      const { submit, writes } = playedPath(params);
      const taken = [submit(1), submit(1)];
      expect((await submit(2)).map(({ outcome }) => outcome)).toEqual(['busy', 'busy']);
      await turn();
      writes[0]?.commit();
      expect((await Promise.all(taken)).flat().map(({ outcome }) => outcome)).toEqual([
        'accepted',
        'accepted',
      ]);
    }
  });

  it('answers malformed frames without asking the database', async () => {
    const { path, writes } = playedPath();
    const items = [
      Uint8Array.of(),
      Uint8Array.of(2, 0, 0),
      Uint8Array.of(6, 0, 0, 0, 1),
      Uint8Array.of(99),
    ].map((bytes) => ({ user, device, frame: bytes }));
    expect((await answerOf(path, items)).results.map(({ outcome }) => outcome)).toEqual([
      'malformed',
      'malformed',
      'malformed',
      'malformed',
    ]);
    expect(writes).toEqual([]);
  });

  it('remembers the roster that came with the answer', async () => {
    const { submit, writes, rosters } = playedPath();
    const answered = submit(1);
    await turn();
    writes[0]?.commit();
    await answered;
    expect(rosters.get(conversation)?.version).toBe('1');
  });
});
