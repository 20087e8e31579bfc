/**
 * Names and ids of people, devices and conversations. The server must know them, and whoever watches it need not: they
 * may stand where it works, and neither in its logs nor in its traces and metrics.
 */
import { idToBytes, type ConversationId, type DeviceId, type UserId } from '@cipherchat/protocol';
import { keySecret, places, textSecret, type Place, type Secret } from '../detector/secret.js';

const watched: readonly Place[] = ['logs', 'traces', 'metrics'];
const allowedAt = places.filter((place) => !watched.includes(place));

/** In its text, and in every form of its bytes. */
export function idSecrets(params: {
  readonly name: string;
  readonly id: UserId | DeviceId | ConversationId;
}): readonly Secret[] {
  const { name, id } = params;
  return [
    textSecret({ name, text: id, allowedAt }),
    keySecret({ name: `${name}, as bytes`, bytes: idToBytes(id), allowedAt }),
  ];
}

export function nameSecret(params: { readonly name: string; readonly text: string }): Secret {
  return textSecret({ ...params, allowedAt });
}
