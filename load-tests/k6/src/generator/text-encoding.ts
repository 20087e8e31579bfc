/**
 * What libs/protocol expects of every runtime since 2017 and k6's has not: UTF-8, base64, well-formed text. Bundled
 * before everything else.
 */
import encoding from 'k6/encoding';

class Utf8Encoder {
  encode(text: string): Uint8Array {
    return bytesOf(unescape(encodeURIComponent(text)));
  }
}

class Utf8Decoder {
  /** @throws URIError for what is not UTF-8, as `fatal` asks for */
  decode(bytes: Uint8Array = new Uint8Array(0)): string {
    return decodeURIComponent(escape(binaryString(bytes)));
  }
}

function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

const chunkBytes = 4_096;

function binaryString(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  return text;
}

function isWellFormed(this: string): boolean {
  try {
    encodeURIComponent(this); // refuses a lone surrogate
    return true;
  } catch {
    return false;
  }
}

const given = globalThis as unknown as Record<string, unknown>;
given['TextEncoder'] ??= Utf8Encoder;
given['TextDecoder'] ??= Utf8Decoder;
given['btoa'] ??= (binary: string): string => encoding.b64encode(bytesOf(binary).buffer);
given['atob'] ??= (base64: string): string =>
  binaryString(new Uint8Array(encoding.b64decode(base64, base64.endsWith('=') ? 'std' : 'rawstd')));
const textPrototype = String.prototype as unknown as Record<string, unknown>;
textPrototype['isWellFormed'] ??= isWellFormed;
