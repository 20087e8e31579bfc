/** Field types shared by the HTTP bodies. In JSON bytes are unpadded base64url; in the program they are `Uint8Array`. */
import { z } from 'zod';
import { limits } from '../limits.js';

/** Unpadded base64url (RFC 4648 §5) in its one spelling: no rest of one character, no bits behind the last byte. */
const base64url = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** Bytes of at most `maxBytes`, or of exactly `lengthBytes`. */
export function bytesField(params: { readonly maxBytes: number } | { readonly lengthBytes: number }) {
  const [min, max] =
    'lengthBytes' in params ? [params.lengthBytes, params.lengthBytes] : [0, params.maxBytes];
  return z
    .codec(
      z
        .string()
        .regex(base64url)
        .max(Math.ceil((max * 4) / 3)),
      z.custom<Uint8Array>((value) => value instanceof Uint8Array),
      {
        decode: (text) => base64urlToBytes(text),
        encode: (bytes) => bytesToBase64url(bytes),
      },
    )
    .refine((bytes) => bytes.length >= min && bytes.length <= max, { message: 'length out of range' })
    .meta({ contentEncoding: 'base64url' });
}

/** Lower-case letters, digits, `.`, `_`, `-`; begins with a letter. ASCII only, so that two names never look alike. */
export const usernameField = z
  .string()
  .min(limits.minUsernameLength)
  .max(limits.maxUsernameLength)
  .regex(/^[a-z][a-z0-9._-]*$/);

export const seqField = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const instantMsField = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** MLS cipher suite code point. */
export const suiteField = z.union([z.literal(0x004e), z.literal(0x0001)]);

export function bytesToBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** What is not base64url is the caller's to refuse. */
export function base64urlToBytes(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
