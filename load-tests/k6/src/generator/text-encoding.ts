/**
 * What libs/protocol expects of every runtime and k6's has not: UTF-8, base64, well-formed text. Bundled before
 * everything else.
 */
import encoding from 'k6/encoding';
import { binaryString, bytesOf, decodeUtf8, encodeUtf8, isWellFormedText } from './utf8.js';

class Utf8Encoder {
  encode(text: string): Uint8Array {
    return encodeUtf8(text);
  }
}

/** Fatal, and a byte order mark is text: as protocol asks for it. */
class Utf8Decoder {
  decode(bytes: Uint8Array): string {
    return decodeUtf8(bytes);
  }
}

const given = globalThis as unknown as Record<string, unknown>;
given['TextEncoder'] ??= Utf8Encoder;
given['TextDecoder'] ??= Utf8Decoder;
given['btoa'] ??= (binary: string): string => encoding.b64encode(bytesOf(binary).buffer);
given['atob'] ??= (base64: string): string =>
  binaryString(new Uint8Array(encoding.b64decode(base64, base64.endsWith('=') ? 'std' : 'rawstd')));
const textPrototype = String.prototype as unknown as Record<string, unknown>;
textPrototype['isWellFormed'] ??= function isWellFormed(this: string): boolean {
  return isWellFormedText(this);
};
