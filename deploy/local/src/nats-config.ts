import { subjects } from '@cipherchat/protocol';
import { writeSecret } from './secrets.js';

/** Every program that connects to NATS has its own password and may use only the subjects of its job. */
export type NatsUser = 'auth' | 'key-directory' | 'message-store' | 'gateway' | 'observer';

type Permissions = { readonly publish: readonly string[]; readonly subscribe: readonly string[] };

/** Answers to requests come back here; whoever serves may answer what it was asked (`allow_responses`). */
const inbox = '_INBOX.>';
const anyUser = '*';
const directoryCommands = [
  subjects.registerIdentity,
  subjects.publishManifest,
  subjects.eraseIdentity,
] as const;
const messageCommands = [
  subjects.append,
  subjects.acknowledge,
  subjects.resume,
  subjects.generation,
  subjects.signal,
] as const;
/** Every service that checks tokens follows the revocations. */
const followRevocations: Permissions = {
  publish: [subjects.revocations],
  subscribe: [subjects.revoked, inbox],
};

const permissions: Readonly<Record<NatsUser, Permissions>> = {
  auth: {
    publish: [...followRevocations.publish, subjects.revoked, ...directoryCommands],
    subscribe: [...followRevocations.subscribe, subjects.revocations],
  },
  'key-directory': {
    publish: [...followRevocations.publish, liveOfAnyUser()],
    subscribe: [...followRevocations.subscribe, ...directoryCommands],
  },
  'message-store': {
    publish: [...followRevocations.publish, liveOfAnyUser()],
    subscribe: [...followRevocations.subscribe, ...messageCommands],
  },
  gateway: {
    publish: [...followRevocations.publish, ...messageCommands, connectedOfAnyDevice()],
    subscribe: [...followRevocations.subscribe, liveOfAnyUser(), connectedOfAnyDevice()],
  },
  // The blind check's: it sees all traffic and can say nothing.
  observer: { publish: [], subscribe: ['>'] },
};

export const natsUsers = Object.keys(permissions) as readonly NatsUser[];

function liveOfAnyUser(): string {
  return subjects.live(anyUser as Parameters<typeof subjects.live>[0]);
}

function connectedOfAnyDevice(): string {
  return subjects.deviceConnected(anyUser as Parameters<typeof subjects.deviceConnected>[0]);
}

/** Writes the nats-server configuration (it holds passwords) and returns its file. */
export function writeNatsConfig(passwords: Readonly<Record<NatsUser, string>>): string {
  const users = natsUsers.map((user) => {
    const { publish, subscribe } = permissions[user];
    const allowed = { publish: { allow: publish }, subscribe: { allow: subscribe }, allow_responses: true };
    return JSON.stringify({ user, password: passwords[user], permissions: allowed });
  });
  // nats-server's configuration format is a superset of JSON.
  return writeSecret('nats.conf', `authorization {\n  users: [\n    ${users.join(',\n    ')}\n  ]\n}\n`);
}
