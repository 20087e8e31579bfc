import { describe, expect, it } from '@jest/globals';
import type { Tracing } from '@cipherchat/telemetry';
import type { ConversationId, Position } from '@cipherchat/protocol';
import fc from 'fast-check';
import { TracedDeliveries } from './traced-deliveries.js';

const bounds = { maxTracedDeliveries: 5, tracedDeliveryMs: 100 };
const conversations = ['a', 'b'] as ConversationId[];
const sockets = ['phone', 'laptop', 'tablet'];

/** Spans that say how often they ended, and with what. */
function played() {
  const spans: { outcome: string; ends: number }[] = [];
  const tracing = {
    continued: (_name: string, traceparent: string) => {
      if (traceparent !== 'recorded') return null;
      const seen = { outcome: '', ends: 0 };
      spans.push(seen);
      return {
        set: (attributes: Readonly<Record<string, string>>) => {
          seen.outcome = attributes['cipherchat.outcome'] ?? '';
        },
        end: () => seen.ends++,
      };
    },
  } as unknown as Tracing;
  return { deliveries: new TracedDeliveries<string>(tracing, bounds), spans };
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('deliver' as const),
    socket: fc.constantFrom(...sockets),
    conversation: fc.constantFrom(...conversations),
    isSent: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('acknowledge' as const),
    socket: fc.constantFrom(...sockets),
    conversation: fc.constantFrom(...conversations),
    seq: fc.nat({ max: 20 }),
  }),
  fc.record({ kind: fc.constant('close' as const), socket: fc.constantFrom(...sockets) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
);

describe('traced deliveries', () => {
  it('end once each, with what became of them, in any order of events, and never are too many', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { deliveries, spans } = played();
        type Expected = Position & { readonly socket: string; readonly sinceMs: number; outcome: string };
        const expected: Expected[] = [];
        const waiting = (): readonly Expected[] => expected.filter(({ outcome }) => outcome === '');
        const settle = (outcome: string, isAmong: (one: Expected) => boolean): void => {
          for (const one of waiting()) if (isAmong(one)) one.outcome = outcome;
        };
        let [nowMs, seq] = [0, 0];
        for (const each of steps) {
          switch (each.kind) {
            case 'deliver': {
              seq++;
              const { socket, conversation, isSent } = each;
              const span = deliveries.begin('recorded');
              expect(span === null).toBe(waiting().length >= bounds.maxTracedDeliveries);
              if (span === null) break;
              expected.push({ socket, conversation, seq, sinceMs: nowMs, outcome: isSent ? '' : 'dropped' });
              if (isSent) deliveries.forwarded(socket, { conversation, seq, span, sinceMs: nowMs });
              else deliveries.dropped(span);
              break;
            }
            case 'acknowledge': {
              const { socket, ...place } = each;
              deliveries.acknowledged(socket, [place]);
              settle(
                'acknowledged',
                (one) =>
                  one.socket === socket && one.conversation === place.conversation && one.seq <= place.seq,
              );
              break;
            }
            case 'close':
              deliveries.closed(each.socket);
              settle('closed', ({ socket }) => socket === each.socket);
              break;
            case 'wait':
              nowMs += each.ms;
              deliveries.clock(nowMs);
              settle('timed-out', ({ sinceMs }) => nowMs - sinceMs >= bounds.tracedDeliveryMs);
              break;
          }
        }
        expect(spans).toEqual(expected.map(({ outcome }) => ({ outcome, ends: outcome === '' ? 0 : 1 })));
      }),
    );
  });

  it('are none for a frame without a trace, or of one that is not recorded', () => {
    const { deliveries, spans } = played();
    expect(deliveries.begin(undefined)).toBeNull();
    expect(deliveries.begin('else')).toBeNull();
    expect(spans).toEqual([]);
  });
});
