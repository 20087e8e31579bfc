/**
 * The three frames of each message, written and read by their offsets: a floor's client has no codec either, and what
 * the load costs is nothing that the server could do better. All other frames go through the codec.
 */
import { randomFillSync } from 'node:crypto';
import { clientFrames, idToBytes, serverFrames, type ConversationId } from '@cipherchat/protocol';

const requestAt = 1;
const append = { conversation: 5, envelope: 21, commitSeq: 37, ciphertext: 45 };
const appended = { seq: 5 };
const deliver = { seq: 17, ciphertext: 49 };
const envelopeBytes = 16;

/** What the appends of one member have in common. */
export function appendHeader(conversation: ConversationId, commitSeq: number): Buffer {
  const header = Buffer.alloc(append.ciphertext);
  header[0] = clientFrames.append.code;
  header.set(idToBytes(conversation), append.conversation);
  header.writeBigUInt64BE(BigInt(commitSeq), append.commitSeq);
  return header;
}

/** With a new envelope. */
export function appendFrame(header: Buffer, request: number, ciphertext: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(append.ciphertext + ciphertext.length);
  header.copy(frame);
  frame.set(ciphertext, append.ciphertext);
  frame.writeUInt32BE(request, requestAt);
  return randomFillSync(frame, append.envelope, envelopeBytes);
}

export function isDeliver(frame: Buffer): boolean {
  return frame[0] === serverFrames.deliver.code;
}

export function readDeliver(frame: Buffer): { readonly seq: number; readonly ciphertext: Buffer } {
  return {
    seq: Number(frame.readBigUInt64BE(deliver.seq)),
    ciphertext: frame.subarray(deliver.ciphertext),
  };
}

export function isAppended(frame: Buffer): boolean {
  return frame[0] === serverFrames.appended.code;
}

export function readAppended(frame: Buffer): { readonly request: number; readonly seq: number } {
  return { request: frame.readUInt32BE(requestAt), seq: Number(frame.readBigUInt64BE(appended.seq)) };
}
