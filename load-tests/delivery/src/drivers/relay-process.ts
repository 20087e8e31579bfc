/** `node relay-process.js <port> [postgres address]`: see relay.ts. */
import { Pool } from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';

const [port, postgresUrl] = process.argv.slice(2);
const poolSize = 8;
const numberBytes = 4;

const rooms = new Map<number, Set<WebSocket>>();
const store = postgresUrl === undefined ? null : await openStore(postgresUrl);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });

server.on('connection', (socket) => {
  let room = -1;
  socket.on('error', () => {}); // `close` follows
  socket.on('close', () => rooms.get(room)?.delete(socket));
  socket.on('message', (data: Buffer) => {
    if (room < 0) {
      room = data.readUInt32BE(0);
      rooms.set(room, (rooms.get(room) ?? new Set()).add(socket));
      return;
    }
    if (store === null) pass(socket, room, data);
    else
      store(room, data).then(
        () => pass(socket, room, data),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
  });
});
process.on('SIGTERM', () => process.exit());

function pass(sender: WebSocket, room: number, data: Buffer): void {
  for (const socket of rooms.get(room) ?? []) if (socket !== sender) socket.send(data);
  sender.send(data.subarray(0, numberBytes));
}

async function openStore(
  connectionString: string,
): Promise<(room: number, data: Buffer) => Promise<unknown>> {
  const pool = new Pool({ connectionString, max: poolSize });
  await pool.query(
    'CREATE TABLE IF NOT EXISTS relayed (id bigserial PRIMARY KEY, room integer NOT NULL, at timestamptz NOT NULL DEFAULT now(), payload bytea NOT NULL)',
  );
  return (room, data) =>
    pool.query({
      name: 'relay',
      text: 'INSERT INTO relayed (room, payload) VALUES ($1, $2)',
      values: [room, data],
    });
}
