/** `node chain-store-process.js <port> <NATS address> <Postgres address>`: see chain.ts. The port only shows that it runs. */
import { createServer } from 'node:net';
import { connect, type Msg } from '@nats-io/transport-node';
import { Client } from 'pg';
import { decodeItems, memberSubject, storeSubject, type ChainItem } from './chain-request.js';

const [port, natsUrl, postgresUrl] = process.argv.slice(2);
const done = new Uint8Array(1);

const nats = await connect({ servers: natsUrl ?? '' });
const database = new Client({ connectionString: postgresUrl });
await database.connect();
await database.query(
  'CREATE TABLE IF NOT EXISTS chained (id bigserial PRIMARY KEY, room integer NOT NULL, at timestamptz NOT NULL DEFAULT now(), payload bytea NOT NULL)',
);
let queue: Msg[] = [];
let isWriting = false;

nats.subscribe(storeSubject, {
  callback: (_error, message) => {
    queue.push(message);
    if (isWriting) return;
    isWriting = true;
    setImmediate(() => void writeUntilEmpty());
  },
});
createServer().listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => process.exit());

/** One statement in flight; what comes meanwhile is the next one. */
async function writeUntilEmpty(): Promise<void> {
  while (queue.length > 0) {
    const messages = queue;
    queue = [];
    const items = messages.flatMap(({ data }) => decodeItems(data));
    await insert(items);
    for (const { room, sender, members, payload } of items)
      for (let member = 0; member < members; member++)
        if (member !== sender) nats.publish(memberSubject(room, member), payload);
    for (const message of messages) message.respond(done);
  }
  isWriting = false;
}

async function insert(items: readonly ChainItem[]): Promise<void> {
  let next = 1;
  const starts = items.map(({ payload }) => (next += payload.length) - payload.length);
  await database.query({
    name: 'chain',
    text: 'INSERT INTO chained (room, payload) SELECT room, substring($4::bytea FROM start FOR length) FROM unnest($1::int[], $2::int[], $3::int[]) AS item (room, start, length)',
    values: [
      `{${items.map(({ room }) => room).join()}}`,
      `{${starts.join()}}`,
      `{${items.map(({ payload }) => payload.length).join()}}`,
      Buffer.concat(items.map(({ payload }) => payload)),
    ],
  });
}
