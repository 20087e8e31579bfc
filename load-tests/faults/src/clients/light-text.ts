/** What light clients send in place of ciphertext: who, the how-manieth, when, whether it is a probe, and filling. */
import { randomFillSync } from 'node:crypto';

export type LightText = {
  readonly sender: number;
  readonly number: number;
  /** 0 for none. */
  readonly probe: number;
  /** On the clock of the writer's process, which is also its reader's. */
  readonly writtenAtMs: number;
};

/** A short message under its padding and MLS framing. */
const sizeBytes = 256;
const headerBytes = 17;

export function encodeText({ sender, number, probe, writtenAtMs }: LightText): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, sender);
  view.setUint32(1, number);
  view.setUint32(5, probe);
  view.setFloat64(9, writtenAtMs);
  randomFillSync(bytes, headerBytes);
  return bytes;
}

export function decodeText(bytes: Uint8Array): LightText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sender: view.getUint8(0),
    number: view.getUint32(1),
    probe: view.getUint32(5),
    writtenAtMs: view.getFloat64(9),
  };
}
