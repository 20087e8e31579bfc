import { describe, expect, it } from '@jest/globals';
import { appendBatch, resumeResult } from './commands.js';
import { encode } from './codec.js';
import { encodeClientFrame, encodeServerFrame } from './frames.js';
import { idFromBytes, type ConversationId, type DeviceId, type EnvelopeId, type UserId } from './ids.js';
import { limits } from './limits.js';

const id = <T extends string>() => idFromBytes<T>(new Uint8Array(16).fill(0xff));
const most = Number.MAX_SAFE_INTEGER;
const ciphertext = new Uint8Array(limits.maxEnvelopeBytes);
const append = encodeClientFrame({
  type: 'append',
  request: 2 ** 32 - 1,
  conversation: id<ConversationId>(),
  envelope: id<EnvelopeId>(),
  commitSeq: most,
  ciphertext,
});
/** NATS refuses payloads over this by default. */
const natsPayloadBytes = 1024 * 1024;

describe('the limits fit together', () => {
  it('an envelope of the greatest size fits a frame, up and down', () => {
    const deliver = encodeServerFrame({
      type: 'deliver',
      conversation: id<ConversationId>(),
      seq: most,
      envelope: id<EnvelopeId>(),
      atMs: most,
      ciphertext,
    });
    for (const frame of [append, deliver]) expect(frame.length).toBeLessThanOrEqual(limits.maxFrameBytes);
  });

  it('the largest padding bucket, encrypted, fits an envelope', () => {
    // An MLS PrivateMessage (RFC 9420 §6.3): headers, sender data, tag and signature; 436 bytes were measured, and 16 of group id.
    expect(limits.maxPaddedPlaintextBytes + 512).toBeLessThanOrEqual(limits.maxEnvelopeBytes);
  });

  it('full lists fit their frames', () => {
    const conversation = id<ConversationId>();
    encodeClientFrame({
      type: 'acknowledge',
      positions: Array.from({ length: limits.maxAcknowledgePositions }, () => ({ conversation, seq: most })),
    });
    encodeServerFrame({
      type: 'pending',
      conversations: Array.from({ length: limits.maxPendingPerFrame }, () => ({
        conversation,
        headSeq: most,
        cursorSeq: most,
      })),
    });
  });

  it('batches and answers fit a NATS message', () => {
    const one = encode(appendBatch, {
      items: [{ user: id<UserId>(), device: id<DeviceId>(), frame: append }],
    });
    expect(limits.maxAppendBatchBytes + one.length).toBeLessThan(natsPayloadBytes);
    const conversations = Array.from({ length: 16_384 }, () => ({
      conversation: id<ConversationId>(),
      headSeq: most,
      cursorSeq: most,
    }));
    expect(encode(resumeResult, { generation: 1, conversations }).length).toBeLessThan(natsPayloadBytes);
  });

  it('gives bytes up a day before a store may forget that it has them', () => {
    expect(limits.envelopeIdsKeptMs - limits.resendForMs).toBeGreaterThanOrEqual(24 * 60 * 60 * 1000);
  });
});
