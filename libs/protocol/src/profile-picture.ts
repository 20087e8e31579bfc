/** Pictures of people, as their profiles carry them. */

/** A square of some 256 pixels in any of the formats; with the name it stays in the padding bucket of 32 KiB. */
export const maxPictureBytes = 24 * 1024;

/** What every browser shows, and no document: nothing of these runs. */
export type PictureType = 'image/webp' | 'image/png' | 'image/jpeg' | 'image/avif';

const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpeg = [0xff, 0xd8, 0xff];

/**
 * The format by the first bytes (WHATWG MIME Sniffing §6.1; AVIF by its brand, ISO 14496-12 §4.3), whatever a sender says;
 * `null` for what is no picture, or too long for one.
 */
export function pictureType(bytes: Uint8Array): PictureType | null {
  if (bytes.length > maxPictureBytes) return null;
  if (startsWith(bytes, png)) return 'image/png';
  if (startsWith(bytes, jpeg)) return 'image/jpeg';
  if (hasAscii(bytes, 0, 'RIFF') && hasAscii(bytes, 8, 'WEBP')) return 'image/webp';
  return hasAscii(bytes, 4, 'ftypavif') ? 'image/avif' : null;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function hasAscii(bytes: Uint8Array, at: number, ascii: string): boolean {
  return startsWith(
    bytes.subarray(at),
    [...ascii].map((character) => character.charCodeAt(0)),
  );
}
