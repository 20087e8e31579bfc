/** UTF-8 for an engine without `TextEncoder`, by what ECMAScript has always had: `encodeURIComponent` speaks UTF-8. */

export function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** Arguments of one call are bounded. */
const chunkBytes = 4_096;

export function binaryString(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  return text;
}

/** @throws URIError for a lone surrogate */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return bytesOf(unescape(encodeURIComponent(text)));
}

/** @throws URIError for what is not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  return decodeURIComponent(escape(binaryString(bytes)));
}

export function isWellFormedText(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
