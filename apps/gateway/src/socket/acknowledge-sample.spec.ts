import { describe, expect, it } from '@jest/globals';
import { encodeServerFrame, type ConversationId, type EnvelopeId } from '@cipherchat/protocol';
import { AcknowledgeSample, maxSampleMs } from './acknowledge-sample.js';
import { placeOf, storedAtMs } from './deliver-frame.js';

const one = '00000000-0000-4000-8000-000000000001' as ConversationId;
const other = '00000000-0000-4000-8000-000000000002' as ConversationId;
const at = (ms: number) => (): number => ms;
const deliver = (conversation: ConversationId, seq: number): Uint8Array =>
  encodeServerFrame({
    type: 'deliver',
    conversation,
    seq,
    envelope: '00000000-0000-4000-8000-000000000003' as EnvelopeId,
    atMs: 1_800_000_000_123,
    ciphertext: new Uint8Array(8),
  });

it('a deliver frame tells its place and when it was stored', () => {
  const frame = deliver(one, Number.MAX_SAFE_INTEGER);
  expect(placeOf(frame)).toEqual({ conversation: one, seq: Number.MAX_SAFE_INTEGER });
  expect(storedAtMs(frame)).toBe(1_800_000_000_123);
});

describe('a sample', () => {
  it('is from the forwarding of an envelope to an acknowledgement at or past it', () => {
    const sample = new AcknowledgeSample();
    sample.forwarded(deliver(one, 5), at(1_000));
    expect(sample.acknowledged([{ conversation: one, seq: 4 }], at(1_100))).toBeNull();
    expect(sample.acknowledged([{ conversation: other, seq: 9 }], at(1_200))).toBeNull();
    expect(
      sample.acknowledged(
        [
          { conversation: other, seq: 9 },
          { conversation: one, seq: 7 },
        ],
        at(1_300),
      ),
    ).toBe(300);
    expect(sample.acknowledged([{ conversation: one, seq: 8 }], at(1_400))).toBeNull();
  });

  it('is of the first that is not acknowledged, and of the next after that', () => {
    const sample = new AcknowledgeSample();
    sample.forwarded(deliver(one, 5), at(1_000));
    sample.forwarded(deliver(one, 6), at(2_000));
    expect(sample.acknowledged([{ conversation: one, seq: 5 }], at(3_000))).toBe(2_000);
    sample.forwarded(deliver(other, 1), at(4_000));
    expect(sample.acknowledged([{ conversation: other, seq: 1 }], at(4_500))).toBe(500);
  });

  it('is of envelopes alone, not of what is announced', () => {
    const sample = new AcknowledgeSample();
    sample.forwarded(
      encodeServerFrame({ type: 'announce', conversation: one, seq: 5, sizeBytes: 1 }),
      at(1_000),
    );
    expect(sample.acknowledged([{ conversation: one, seq: 5 }], at(1_100))).toBeNull();
  });

  it('that is never acknowledged counts once as having taken the longest', () => {
    const sample = new AcknowledgeSample();
    sample.forwarded(deliver(one, 5), at(0));
    expect(sample.expired(maxSampleMs - 1)).toBeNull();
    expect(sample.expired(maxSampleMs)).toBe(maxSampleMs);
    expect(sample.expired(2 * maxSampleMs)).toBeNull();
  });

  it('is never negative when the clock is set back', () => {
    const sample = new AcknowledgeSample();
    sample.forwarded(deliver(one, 5), at(1_000));
    expect(sample.acknowledged([{ conversation: one, seq: 5 }], at(400))).toBe(0);
  });
});
