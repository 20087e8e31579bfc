/**
 * Identifiers. Each is 16 random bytes, UUID-shaped; its text form is the lower-case UUID that
 * appears in JSON, in NATS subjects and in Postgres, its binary form the 16 bytes of the frames.
 * The brands keep a device from being passed where a user is meant; they cost nothing at run time.
 */
import { z } from 'zod';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Id<'UserId'>;
export type DeviceId = Id<'DeviceId'>;
export type ConversationId = Id<'ConversationId'>;
/** Random, chosen by the sender; the same for every resend of the same bytes, so that the store can tell a resend. */
export type EnvelopeId = Id<'EnvelopeId'>;
export type SessionId = Id<'SessionId'>;
/** Of a message, inside the ciphertext: the same in every re-encryption, unknown to the server. */
export type MessageId = Id<'MessageId'>;

export const idBytes = 16;
const idText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A check and a brand, not a transform: responses are encoded by the same schemas, and a transform has no way back. */
const idSchema = <T extends string>() =>
  z.string().regex(idText).meta({ format: 'uuid' }) as unknown as z.ZodType<T, string>;

export const userIdSchema = idSchema<UserId>();
export const deviceIdSchema = idSchema<DeviceId>();
export const conversationIdSchema = idSchema<ConversationId>();
export const envelopeIdSchema = idSchema<EnvelopeId>();
export const sessionIdSchema = idSchema<SessionId>();

/** True for the canonical text form; the caller then brands it. */
export function isIdText(text: string): boolean {
  return idText.test(text);
}

/** Makes an id of 16 random bytes (`random` is passed in: the simulator owns randomness). */
export function idFromRandom<T extends string>(random: (length: number) => Uint8Array): T {
  const bytes = Uint8Array.from(random(idBytes));
  // RFC 9562 version 4, variant 10: Postgres and people recognise it as a UUID.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return idFromBytes<T>(bytes);
}

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, '0'),
);

/** 16 bytes at `offset` to text. */
export function idFromBytes<T extends string>(bytes: Uint8Array, offset = 0): T {
  let text = '';
  for (let index = 0; index < idBytes; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += hexPairs[bytes[offset + index] ?? 0] ?? '';
  }
  return text as T;
}

/** Writes the 16 bytes of a canonical id text into `target` at `offset`. @throws RangeError when it is not one */
export function writeIdBytes(params: {
  readonly id: string;
  readonly target: Uint8Array;
  readonly offset: number;
}): void {
  const { id, target, offset } = params;
  let seen = isShapedLikeId(id) ? 0 : notHex;
  for (let index = 0; index < idBytes; index++) {
    const textIndex = textIndexes[index] ?? 0;
    const high = hexValues[id.charCodeAt(textIndex)] ?? notHex;
    const low = hexValues[id.charCodeAt(textIndex + 1)] ?? notHex;
    seen |= high | low;
    target[offset + index] = (high << 4) | low;
  }
  if (seen > 0xf) throw new RangeError('not an id');
}

export function idToBytes(id: string): Uint8Array {
  const target = new Uint8Array(idBytes);
  writeIdBytes({ id, target, offset: 0 });
  return target;
}

const idTextLength = 36;
const dash = 0x2d;

function isShapedLikeId(text: string): boolean {
  return (
    text.length === idTextLength &&
    text.charCodeAt(8) === dash &&
    text.charCodeAt(13) === dash &&
    text.charCodeAt(18) === dash &&
    text.charCodeAt(23) === dash
  );
}

/** Where each byte's two digits begin in the text. */
const textIndexes = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);
const notHex = 0x10;
/** By character code; the upper case is no digit, since there is one text of an id. */
const hexValues = new Uint8Array(128).fill(notHex);
for (const [value, digit] of [...'0123456789abcdef'].entries()) hexValues[digit.charCodeAt(0)] = value;
