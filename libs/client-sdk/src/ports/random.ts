/** Cryptographic randomness: passed in, so that a simulator can replay a run from its seed. */
export type Random = (lengthBytes: number) => Uint8Array;

/** `crypto.getRandomValues` of Node and browsers. */
export const systemRandom: Random = (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes));

/** A number in [0, 1) with 32 bits of randomness: enough for jitter, not for keys. */
export function randomFraction(random: Random): number {
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 0x1_0000_0000;
}
