/** The fields of a `deliver` frame that a gateway reads; the rest is passed on untouched. */
import { idFromBytes, serverFrames, type ConversationId, type Position } from '@cipherchat/protocol';

const conversationOffset = 1;
const seqOffset = 17;
const envelopeOffset = 25;
const storedAtOffset = 41;

export function isDeliverFrame(frame: Uint8Array): boolean {
  return frame[0] === serverFrames.deliver.code;
}

/** What flow control needs. */
export function placeOf(frame: Uint8Array): Position {
  return {
    conversation: idFromBytes<ConversationId>(frame, conversationOffset),
    seq: numberAt(frame, seqOffset),
  };
}

/** Conversation and envelope, as many characters as bytes: a key, nothing else. */
export function envelopeKeyOf(frame: Uint8Array): string {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  return (
    bytes.toString('latin1', conversationOffset, seqOffset) +
    bytes.toString('latin1', envelopeOffset, storedAtOffset)
  );
}

/** When the store wrote it, by the clock of its database. */
export function storedAtMs(frame: Uint8Array): number {
  return numberAt(frame, storedAtOffset);
}

/** Eight bytes, big-endian, of which the safe integers are used. */
function numberAt(frame: Uint8Array, offset: number): number {
  let number = 0;
  for (let index = offset; index < offset + 8; index++) number = number * 256 + (frame[index] ?? 0);
  return number;
}
