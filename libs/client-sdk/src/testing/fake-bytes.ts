/** JSON with bytes in it, as the fake engine's wire and storage form. */
import { decodeRow, encodeRow } from '../store/row-codec.js';

export const toJson = (value: unknown): Uint8Array => encodeRow(value);

/** `null` for bytes that are not JSON. */
export function fromJson<Value>(bytes: Uint8Array): Value | null {
  try {
    return decodeRow<Value>(bytes);
  } catch {
    // Mutated bytes are what some tests send.
    return null;
  }
}
