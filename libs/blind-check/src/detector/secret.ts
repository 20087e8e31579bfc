/**
 * What the server must never hold. A secret is known to the check because the check plays the clients:
 * texts that it made up and typed in, and keys that it read out of the clients' own stores.
 */

/** The places that are searched. What a place holds, an attacker who owns it can read. */
export const places = [
  'postgres',
  'postgres-files',
  'redis',
  'redis-commands',
  'nats',
  'logs',
  'traces',
  'metrics',
  'socket',
  'http',
] as const;
export type Place = (typeof places)[number];

/** One thing found in a place: a column's value, a key, a message, a log file. */
export type Captured = {
  readonly place: Place;
  /** Names it for a person: `messages.envelope.ciphertext, row 3`. */
  readonly location: string;
  readonly bytes: Uint8Array;
};

export type Secret = {
  /** Names it for a person; the value itself is never printed. */
  readonly name: string;
  /** A text is searched by its characters too (UTF-16, escapes), key material by its bytes only. */
  readonly kind: 'text' | 'key';
  readonly bytes: Uint8Array;
  /** Where it has to pass: a refresh token travels over HTTP and may be nowhere else. Empty for all that counts. */
  readonly allowedAt: readonly Place[];
};

/**
 * A secret is recognised by any run of this many of its bytes, so that half a key in an error message is
 * found too. A random run of 8 bytes occurs by chance once in 2^64 places; the check looks at about 2^27.
 */
export const keyWindowBytes = 8;
/** The same for texts, in characters. */
export const textWindowCharacters = 12;

const minKeyBytes = 16;

export function textSecret(params: {
  readonly name: string;
  readonly text: string;
  readonly allowedAt?: readonly Place[];
}): Secret {
  const { name, text, allowedAt = [] } = params;
  if ([...text].length < textWindowCharacters)
    throw new RangeError(
      `${name}: a text of less than ${textWindowCharacters} characters is found by chance`,
    );
  return { name, kind: 'text', bytes: new TextEncoder().encode(text), allowedAt };
}

export function keySecret(params: {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly allowedAt?: readonly Place[];
}): Secret {
  const { name, bytes, allowedAt = [] } = params;
  if (bytes.length < minKeyBytes) throw new RangeError(`${name}: less than ${minKeyBytes} bytes are no key`);
  if (new Set(bytes).size < keyWindowBytes)
    throw new RangeError(`${name}: too few different bytes to be a key`);
  return { name, kind: 'key', bytes, allowedAt };
}

/** All runs by which the secret is recognised. */
export function windowsOf(secret: Pick<Secret, 'kind' | 'bytes'>): readonly Uint8Array[] {
  if (secret.kind === 'key') {
    const count = secret.bytes.length - keyWindowBytes + 1;
    return Array.from({ length: count }, (_, index) => secret.bytes.subarray(index, index + keyWindowBytes));
  }
  const characters = [...new TextDecoder().decode(secret.bytes)];
  const count = characters.length - textWindowCharacters + 1;
  const encoder = new TextEncoder();
  return Array.from({ length: count }, (_, index) =>
    encoder.encode(characters.slice(index, index + textWindowCharacters).join('')),
  );
}
