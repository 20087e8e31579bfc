/** `node chain-gateway-process.js <port> <NATS address>`: see chain.ts. */
import { connect, createInbox } from '@nats-io/transport-node';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeItems, memberSubject, storeSubject, type ChainItem } from './chain-request.js';

const [port, natsUrl] = process.argv.slice(2);
const fieldBytes = 4;
const numberBytes = 4;

type Sent = ChainItem & { readonly socket: WebSocket };

const nats = await connect({ servers: natsUrl ?? '' });
const inbox = createInbox();
const unanswered = new Map<string, readonly Sent[]>();
let collected: Sent[] = [];
let requests = 0;

nats.subscribe(`${inbox}.*`, {
  callback: (_error, { subject }) => {
    for (const { socket, payload } of unanswered.get(subject) ?? [])
      socket.send(payload.subarray(0, numberBytes));
    unanswered.delete(subject);
  },
});

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('error', () => {}); // `close` follows
  socket.once('message', (hello: Buffer) => {
    const [room, sender, members] = [0, 1, 2].map((field) => hello.readUInt32BE(field * fieldBytes)) as [
      number,
      number,
      number,
    ];
    const live = nats.subscribe(memberSubject(room, sender), {
      callback: (_error, { data }) => socket.send(data),
    });
    socket.on('close', () => live.unsubscribe());
    socket.on('message', (payload: Buffer) => collect({ socket, room, sender, members, payload }));
  });
});
process.on('SIGTERM', () => process.exit());

function collect(sent: Sent): void {
  if (collected.push(sent) === 1) setImmediate(ask);
}

function ask(): void {
  const reply = `${inbox}.${requests++}`;
  unanswered.set(reply, collected);
  nats.publish(storeSubject, encodeItems(collected), { reply });
  collected = [];
}
