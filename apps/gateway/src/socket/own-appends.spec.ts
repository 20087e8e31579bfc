import { describe, expect, it } from '@jest/globals';
import {
  encodeClientFrame,
  encodeServerFrame,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import { OwnAppends } from './own-appends.js';

const id = <Id extends string>(number: number): Id =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Id;
const conversation = id<ConversationId>(1);
const ciphertext = new Uint8Array(8);
const caller = {
  user: id<UserId>(2),
  device: id<DeviceId>(3),
  session: id<SessionId>(4),
  role: 'member',
} as const;

function append(envelope: number, request: number) {
  const frame = encodeClientFrame({
    type: 'append',
    request,
    conversation,
    envelope: id<EnvelopeId>(envelope),
    commitSeq: 1,
    ciphertext,
  });
  return { kind: 'append', caller, request, frame } as const;
}

const deliver = (envelope: number, seq: number, of = conversation): Uint8Array =>
  encodeServerFrame({
    type: 'deliver',
    conversation: of,
    seq,
    envelope: id<EnvelopeId>(envelope),
    atMs: 1_800_000_000_123,
    ciphertext,
  });
const accepted = (seq: number) => ({ outcome: 'accepted', seq, atMs: 1_800_000_000_123 });

describe('what a socket sent itself', () => {
  it('is answered by its live frame, once; the store’s answer is then no other', () => {
    const own = new OwnAppends();
    const mine = append(10, 7);
    own.sent(mine);
    expect(own.answerIn(deliver(10, 5))).toEqual({ append: mine, result: accepted(5) });
    expect(own.answerIn(deliver(10, 5))).toBeNull();
    expect(own.answered(mine)).toBe(false);
  });

  it('is answered by the store where the live frame was lost, and the frame is a delivery like others then', () => {
    const own = new OwnAppends();
    const mine = append(10, 7);
    own.sent(mine);
    expect(own.answered(mine)).toBe(true);
    expect(own.answerIn(deliver(10, 5))).toBeNull();
  });

  it('is known by its envelope, not by its request', () => {
    const own = new OwnAppends();
    const [one, other] = [append(10, 7), append(11, 7)];
    own.sent(one);
    own.sent(other);
    expect(own.answerIn(deliver(12, 4))).toBeNull();
    expect(own.answerIn(deliver(11, 5))).toEqual({ append: other, result: accepted(5) });
    expect([own.answered(other), own.answered(one)]).toEqual([false, true]);
  });

  it('is not what another member sends under the same id to another conversation', () => {
    const own = new OwnAppends();
    const mine = append(10, 7);
    own.sent(mine);
    expect(own.answerIn(deliver(10, 90, id<ConversationId>(5)))).toBeNull();
    expect(own.answerIn(deliver(10, 5))).toEqual({ append: mine, result: accepted(5) });
  });

  it('has an answer to each sending of one envelope', () => {
    const own = new OwnAppends();
    const [first, again] = [append(10, 7), append(10, 8)];
    own.sent(first);
    own.sent(again);
    expect(own.answerIn(deliver(10, 5))?.append).toBe(again);
    expect([own.answered(first), own.answered(again)]).toEqual([true, false]);
    expect(own.answerIn(deliver(10, 5))).toBeNull();
  });

  it('is not in what only says that something is there', () => {
    const own = new OwnAppends();
    own.sent(append(10, 7));
    expect(
      own.answerIn(encodeServerFrame({ type: 'announce', conversation, seq: 5, sizeBytes: 1 })),
    ).toBeNull();
  });
});
