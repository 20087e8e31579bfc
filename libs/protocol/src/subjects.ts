/** Every NATS subject. `command.*` are request/reply with a queue group of the service; the rest is publish only. */
import type { DeviceId, UserId } from './ids.js';

export const subjects = {
  /** Batches of appends, gateway → message-store. Body: `appendBatch`, answer `appendResults` (`commands.ts`). */
  append: 'command.messages.append',
  /** Cursors, gateway → message-store. Body: `acknowledgeBatch`, answer `commandResult`. */
  acknowledge: 'command.messages.acknowledge',
  /** What lies past a device's cursors, gateway → message-store. Body: `resumeCommand`, answer `resumeResult`. */
  resume: 'command.messages.resume',
  /** Which restore from backup this is, gateway → message-store. Body: `generationQuery`, answer `generationResult`. */
  generation: 'command.messages.generation',
  /** Read marks and momentary signals, gateway → message-store. Body: `signalCommand`, answer `commandResult`. */
  signal: 'command.messages.signal',
  /** auth → key-directory, at registration. Body: `registerIdentity`, answer `commandResult`. */
  registerIdentity: 'command.directory.register-identity',
  /** auth → key-directory, when a device is added. Body: `publishManifest`, answer `commandResult`. */
  publishManifest: 'command.directory.publish-manifest',
  /** auth → key-directory, when an account is deleted. Body: `eraseIdentity`, answer `commandResult`. */
  eraseIdentity: 'command.directory.erase-identity',
  /** Everyone → auth: revocations after a place in auth's list. Body: `revocationsQuery`, answer `revocationsResult`. */
  revocations: 'command.auth.revocations',
  /** Published by auth; may be lost, so everyone also polls `revocations`. Body: `revocation`. */
  revoked: 'event.auth.revoked',
  /** Published by a gateway that accepted a device's socket, so that older sockets close with 4409. Body: `deviceConnected`. */
  deviceConnected: (device: DeviceId): string => `event.socket.connected.${device}`,
  /** Server frames for every socket of a user, made by the store, forwarded verbatim by gateways. */
  live: (user: UserId): string => `live.user.${user}`,
} as const;

export const queueGroups = {
  messageStore: 'message-store',
  keyDirectory: 'key-directory',
  auth: 'auth',
} as const;
