import { readFileSync } from 'node:fs';
import { inRoot } from './repository.js';

const services = ['auth', 'key-directory', 'message-store', 'gateway'] as const;
/** Every program that connects to NATS has its own password and may use only the subjects of its job. */
export type NatsUser = (typeof services)[number] | 'observer';

export type Permissions = { readonly publish: readonly string[]; readonly subscribe: readonly string[] };

/** The services' as in every deployment. The observer is the blind check's: it sees all traffic and can say nothing. */
export const natsPermissions: Readonly<Record<NatsUser, Permissions>> = {
  ...(JSON.parse(readFileSync(inRoot('deploy/nats/permissions.json'), 'utf8')) as Record<
    (typeof services)[number],
    Permissions
  >),
  observer: { publish: [], subscribe: ['>'] },
};

export const natsUsers: readonly NatsUser[] = [...services, 'observer'];

/** The nats-server configuration; it holds passwords. Who has none is not let in. */
export function natsConfig(passwords: Readonly<Partial<Record<NatsUser, string>>>): string {
  const users = natsUsers.flatMap((user) => {
    const password = passwords[user];
    if (password === undefined) return [];
    const { publish, subscribe } = natsPermissions[user];
    const allowed = { publish: { allow: publish }, subscribe: { allow: subscribe }, allow_responses: true };
    return [JSON.stringify({ user, password, permissions: allowed })];
  });
  // nats-server's configuration format is a superset of JSON.
  return `authorization {\n  users: [\n    ${users.join(',\n    ')}\n  ]\n}\n`;
}
