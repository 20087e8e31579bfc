/** Every NATS subject. `command.*` are request/reply with a queue group of the service; the rest is publish only. */
import type { DeviceId, UserId } from './ids.js';

export const subjects = {
  /** Batches of appends, gateway → message-store. Body: `appendBatch`, answer `appendResults` (`commands.ts`). */
  append: 'command.messages.append',
  acknowledge: 'command.messages.acknowledge',
  resume: 'command.messages.resume',
  generation: 'command.messages.generation',
  signal: 'command.messages.signal',
  /** auth → key-directory, at registration and when a device is added. */
  registerIdentity: 'command.directory.register-identity',
  publishManifest: 'command.directory.publish-manifest',
  /** auth → key-directory, when an account is deleted. */
  eraseIdentity: 'command.directory.erase-identity',
  /** Everyone → auth: revocations after a place in auth's list. */
  revocations: 'command.auth.revocations',
  /** Published by auth; may be lost, so everyone also polls `revocations`. Body: `revocation`. */
  revoked: 'event.auth.revoked',
  /** Published by a gateway that accepted a device's socket, so that older sockets close with 4409. */
  deviceConnected: (device: DeviceId): string => `event.socket.connected.${device}`,
  /** Server frames for every socket of a user, made by the store, forwarded verbatim by gateways. */
  live: (user: UserId): string => `live.user.${user}`,
} as const;

export const queueGroups = {
  messageStore: 'message-store',
  keyDirectory: 'key-directory',
  auth: 'auth',
} as const;
