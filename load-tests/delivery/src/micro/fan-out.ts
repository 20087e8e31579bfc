/**
 * How a stored message reaches the gateways of its members: one NATS publish for each member user (what the store
 * does), or one for each gateway with the list of users. Time until two gateways have all of it, for one message.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNats } from '@cipherchat/test-kit';

const frameBytes = 1_069;
const idBytes = 16;
const memberCounts = [2, 10, 100, 500];
const repeats = 300;
const gateways = 2;

/** The figures in short. */
export async function fanOutByWay(say: (line: string) => void): Promise<readonly string[]> {
  const server = await startNats();
  const connections = await Promise.all(
    Array.from({ length: gateways + 1 }, () => connect({ servers: server.url })),
  );
  const figures: string[] = [];
  try {
    for (const members of memberCounts) {
      const perUser = await time({ connections, members, subjects: members, bytes: frameBytes });
      const bytes = frameBytes + members * idBytes;
      const perGateway = await time({ connections, members, subjects: gateways, bytes });
      figures.push(`fan-out-${members}=${perUser.toFixed(0)}µs`);
      say(
        `fan-out to ${members}: a publish per user ${perUser.toFixed(0)} µs, per gateway ${perGateway.toFixed(0)} µs`,
      );
    }
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
    await server.stop();
  }
  return figures;
}

/** The subjects are spread over the gateways; µs per message. */
async function time(params: {
  readonly connections: readonly NatsConnection[];
  readonly members: number;
  readonly subjects: number;
  readonly bytes: number;
}): Promise<number> {
  const [store, ...receivers] = params.connections;
  if (store === undefined) throw new RangeError('no connection');
  const payload = randomBytes(params.bytes);
  let missing = 0;
  let arrived = (): void => {};
  const names = Array.from({ length: params.subjects }, () => `live.user.${randomUUID()}`);
  const subscriptions = names.map((name, index) =>
    receivers[index % receivers.length]?.subscribe(name, {
      callback: () => {
        if (--missing === 0) arrived();
      },
    }),
  );
  await Promise.all(receivers.map((receiver) => receiver.flush()));
  const startedMs = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) {
    missing = names.length;
    await new Promise<void>((resolve) => {
      arrived = resolve;
      for (const name of names) store.publish(name, payload);
    });
  }
  const elapsedMs = performance.now() - startedMs;
  for (const subscription of subscriptions) subscription?.unsubscribe();
  return (elapsedMs * 1_000) / repeats;
}
