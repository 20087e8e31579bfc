/** The small rules around a session. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  socketPath,
  subprotocol,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import { DeviceSockets } from './device-sockets.js';
import { chooseSubprotocol, judgeHandshake, type Handshake } from './handshake.js';
import { fullBucket, takeToken } from './token-bucket.js';
import { acknowledged, delivered, nothingUnacknowledged } from './unacknowledged.js';
import { UserBudget } from './user-budget.js';
import { UserSubscriptions, type Subscribe } from './user-subscriptions.js';

describe('a handshake', () => {
  const fine: Handshake = {
    path: socketPath,
    socketPath,
    origin: undefined,
    allowedOrigins: ['https://chat.example'],
    host: 'gateway.example',
    isDraining: false,
    openSockets: 0,
    maxSockets: 1,
  };
  const status = (changes: Partial<Handshake>): number => {
    const verdict = judgeHandshake({ ...fine, ...changes });
    return verdict.kind === 'accept' ? 101 : verdict.status;
  };

  it('lets in programs without an origin, pages of the allow-list, and pages of the gateway’s own host', () => {
    expect(
      [undefined, 'https://chat.example', 'https://gateway.example'].map((origin) => status({ origin })),
    ).toEqual([101, 101, 101]);
    expect(
      ['https://evil.example', 'http://chat.example', 'https://chat.example.evil', 'null', ''].map((origin) =>
        status({ origin }),
      ),
    ).toEqual([403, 403, 403, 403, 403]);
  });

  it('is at one path, and refused while draining or full', () => {
    expect([status({ path: '/' }), status({ isDraining: true }), status({ openSockets: 1 })]).toEqual([
      404, 503, 503,
    ]);
  });

  it('chooses our subprotocol, else any, so that the client can be told', () => {
    expect(chooseSubprotocol(new Set(['other', subprotocol]))).toBe(subprotocol);
    expect(chooseSubprotocol(new Set(['cipherchat.v9']))).toBe('cipherchat.v9');
    expect(chooseSubprotocol(new Set())).toBe(false);
  });
});

describe('the sockets of a device', () => {
  const device = 'device' as DeviceId;
  const socket = (id: string, acceptedAtMs: number) => ({ id, acceptedAtMs });

  it('is one here: the newest', () => {
    const sockets = new DeviceSockets();
    const [first, second] = [socket('a', 5), socket('b', 5)];
    expect(sockets.put(device, first)).toBeUndefined();
    expect(sockets.put(device, first)).toBeUndefined();
    expect(sockets.put(device, second)).toBe(first);
    sockets.remove(device, first);
    expect(sockets.get(device)).toBe(second);
    sockets.remove(device, second);
    expect(sockets.get(device)).toBeUndefined();
  });

  it('goes when another gateway accepted a later one, by time and then by name', () => {
    const sockets = new DeviceSockets();
    const ours = socket('m', 100);
    sockets.put(device, ours);
    expect(
      [socket('m', 100), socket('a', 99), socket('z', 99), socket('a', 100)].map((other) =>
        sockets.supersededBy(device, other),
      ),
    ).toEqual([undefined, undefined, undefined, undefined]);
    expect([socket('z', 100), socket('a', 101)].map((other) => sockets.supersededBy(device, other))).toEqual([
      ours,
      ours,
    ]);
  });
});

describe('a token bucket', () => {
  it('never gives more than the burst and the rate, in any window, and gives again after the wait it names', () => {
    const rate = { perSecond: 7, burst: 20 };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 400 }), { minLength: 1, maxLength: 200 }), (gaps) => {
        let nowMs = 0;
        let bucket = fullBucket(rate, nowMs);
        const taken: number[] = [];
        for (const gap of gaps) {
          nowMs += Math.max(0, gap);
          const result = takeToken(bucket, rate, gap < 0 ? nowMs + gap : nowMs);
          bucket = gap < 0 ? bucket : result.bucket;
          if (gap < 0) continue;
          if (result.waitMs === 0) taken.push(nowMs);
          else expect(takeToken(bucket, rate, nowMs + result.waitMs).waitMs).toBe(0);
        }
        for (const [index, from] of taken.entries()) {
          const last = taken.at(-1) ?? from;
          expect(taken.length - index).toBeLessThanOrEqual(
            rate.burst + ((last - from) * rate.perSecond) / 1_000 + 1e-6,
          );
        }
      }),
    );
  });
});

describe('what is unacknowledged', () => {
  const conversation = 'c' as ConversationId;

  it('counts places once, whatever repeats, and never below nothing', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            isDelivery: fc.boolean(),
            conversation: fc.constantFrom('a', 'b'),
            seq: fc.integer({ min: 1, max: 30 }),
          }),
        ),
        (steps) => {
          let window = nothingUnacknowledged;
          for (const { isDelivery, seq, ...step } of steps) {
            const position = { conversation: step.conversation as ConversationId, seq };
            window = isDelivery ? delivered(window, position) : acknowledged(window, [position]);
            const spans = [...window.spans.values()];
            expect(window.count).toBe(spans.reduce((sum, { afterSeq, toSeq }) => sum + toSeq - afterSeq, 0));
            expect(spans.every(({ afterSeq, toSeq }) => toSeq > afterSeq)).toBe(true);
          }
        },
      ),
    );
  });

  it('leaves its input as it was', () => {
    const one = delivered(nothingUnacknowledged, { conversation, seq: 4 });
    delivered(one, { conversation, seq: 9 });
    acknowledged(one, [{ conversation, seq: 4 }]);
    expect([nothingUnacknowledged.count, one.count, one.spans.get(conversation)]).toEqual([
      0,
      1,
      { afterSeq: 3, toSeq: 4 },
    ]);
  });
});

describe('the budget of a user', () => {
  it('asks for a token once in so many sends, and passes on how long to wait', async () => {
    const asked: UserId[] = [];
    const limited: unknown[] = [];
    const budget = new UserBudget({
      sendsPerToken: 3,
      takeToken: async (user) => (asked.push(user) > 1 ? 900 : 0),
      limit: (user, waitMs) => limited.push([user, waitMs]),
    });
    const [ana, ben] = ['ana', 'ben'] as UserId[];
    for (const user of [ana, ana, ben, ana, ana, ana, ana]) budget.sent(user as UserId);
    await Promise.resolve();
    expect([asked, limited]).toEqual([[ana, ana], [[ana, 900]]]);
  });
});

describe('subscriptions', () => {
  it('are one for each user, as long as a socket is there', () => {
    const open = new Map<string, Parameters<Subscribe>[1]>();
    let opened = 0;
    const subscriptions = new UserSubscriptions<{ readonly live: (frame: Uint8Array) => void }>(
      (subject, listener) => {
        opened++;
        open.set(subject, listener);
        return { unsubscribe: () => void open.delete(subject) };
      },
    );
    const got: string[] = [];
    const [phone, laptop] = [{ live: () => got.push('phone') }, { live: () => got.push('laptop') }];
    const user = 'u' as UserId;
    for (const socket of [phone, laptop, phone]) subscriptions.add(user, socket);
    open.get('live.user.u')?.(Uint8Array.of(1), 'live.user.u', undefined);
    expect([opened, got]).toEqual([1, ['phone', 'laptop']]);
    subscriptions.remove(user, phone);
    expect([...open.keys()]).toEqual(['live.user.u']);
    subscriptions.remove(user, laptop);
    subscriptions.remove(user, laptop);
    expect([...open.keys()]).toEqual([]);
  });
});
