/** Rows as bytes: JSON, with bytes and big integers marked, so that a row can be read by a later build and by a person who debugs. */
import { base64urlToBytes, bytesToBase64url } from '@cipherchat/protocol';

const bytesMark = '$bytes';
const bigintMark = '$bigint';
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

export function encodeRow(row: unknown): Uint8Array {
  return textEncoder.encode(JSON.stringify(row, (_, value: unknown) => mark(value)));
}

/** What `encodeRow` wrote: the store is this device's own, and sealed; its rows are trusted to be of the shape their table says. */
export function decodeRow<Row>(bytes: Uint8Array): Row {
  return unmark(JSON.parse(textDecoder.decode(bytes))) as Row;
}

function mark(value: unknown): unknown {
  if (value instanceof Uint8Array) return { [bytesMark]: bytesToBase64url(value) };
  return typeof value === 'bigint' ? { [bigintMark]: value.toString() } : value;
}

/** In place: what was just parsed is nobody else's yet, and a reviver of `JSON.parse` takes five times as long. */
function unmark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (bytesMark in value && typeof value[bytesMark] === 'string') return base64urlToBytes(value[bytesMark]);
  if (bigintMark in value && typeof value[bigintMark] === 'string') return BigInt(value[bigintMark]);
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const held = container[key];
    const read = unmark(held);
    if (read !== held) container[key] = read;
  }
  return value;
}
