/**
 * CipherChat as shipped: all services as processes, logs, metrics and limits on. The limits per address and user are
 * scaled, since the whole load comes from one machine; those per socket are not. The server cannot read what it
 * carries, so random bytes take the place of MLS messages, and cost it the same.
 */
import { createRoom, makeSome, registerPeople, type Person } from '@cipherchat/load-people';
import { startIsolatedSystem, type IsolatedSystem } from '@cipherchat/test-kit';
import type { Target } from '../driver.js';
import type { CipherChatMember } from './cipherchat-endpoint.js';

export { connect } from './cipherchat-endpoint.js';

const conversationsAtOnce = 8;
const rateLimitScale = '100000';

/** More than the driver interface asks for: what only our own parts measure. */
export type CipherChat = Target & {
  readonly gatewayPids: readonly number[];
  readonly serviceUrls: readonly string[];
  readonly authUrl: string;
  readonly keysUrl: string;
  readonly databaseUrl: string;
};

/** `messageStores` and more settings only for the part that compares numbers of replicas. */
export async function start(
  params: {
    readonly messageStores?: number;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<CipherChat> {
  const system = await startIsolatedSystem({
    durability: 'fsync',
    messageStores: params.messageStores ?? 1,
    environment: { RATE_LIMIT_SCALE: rateLimitScale, ...params.environment },
  });
  return {
    name: 'CipherChat',
    rooms: async ({ count, members }) => {
      const people = await registerPeople({ authUrl: system.serverUrl, count: count * members });
      return makeSome({
        count,
        atOnce: conversationsAtOnce,
        make: (room) => openRoom(system, people.slice(room * members, (room + 1) * members)),
      });
    },
    processes: [
      ...system.services.map(({ instance, pid }) => ({ name: instance, pid })),
      { name: 'postgres', pid: system.postgres.pid },
      { name: 'nats', pid: system.nats.pid },
      { name: 'redis', pid: system.redis.pid },
    ],
    gatewayPids: gateways(system).map(({ pid }) => pid),
    serviceUrls: system.services.map(({ url }) => url),
    authUrl: system.serverUrl,
    keysUrl: system.services.find(({ service }) => service === 'key-directory')?.url ?? '',
    databaseUrl: system.postgres.adminUrl,
    stop: system.stop,
  };
}

const gateways = (system: IsolatedSystem) => system.services.filter(({ service }) => service === 'gateway');

/** A room of one is a person without a conversation. */
async function openRoom(
  system: IsolatedSystem,
  people: readonly Person[],
): Promise<readonly CipherChatMember[]> {
  const storeUrl = system.services.find(({ service }) => service === 'message-store')?.url ?? '';
  const sockets = gateways(system).map(({ url }) => url.replace('http', 'ws'));
  const place = people.length < 2 ? null : await createRoom({ storeUrl, people });
  return people.map(({ tokens: { accessToken } }, index) => ({
    gatewayUrl: sockets[people.length < 2 ? 0 : index % sockets.length] ?? '',
    storeUrl,
    accessToken,
    conversation: place?.conversation ?? null,
    commitSeq: place?.commitSeq ?? 0,
  }));
}
