/** A client of the servers without a protocol: it says once who it is, then payloads go up, and payloads or numbers come down. */
import { WebSocket } from 'ws';
import type { ConnectParams, Endpoint } from '../driver.js';

/** An acknowledged number; every payload is longer. */
const acknowledgeBytes = 4;

/** `hello` is the first frame. */
export async function connectPlainly(
  { events, localAddress }: ConnectParams,
  { port, hello }: { readonly port: number; readonly hello: Buffer },
): Promise<Endpoint> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
    perMessageDeflate: false,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  let isClosing = false;
  socket.on('message', (data: Buffer) => {
    if (data.length === acknowledgeBytes) events.acknowledged(data.readUInt32BE());
    else events.received(data);
  });
  socket.on('error', () => {}); // `close` follows
  socket.on('close', (code) => {
    if (!isClosing) events.closed(`close ${code}`);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(hello);
  await new Promise<void>((resolve) => socket.once('pong', () => resolve()).ping());
  return {
    send: (_message, payload) => socket.send(payload),
    close: () => {
      isClosing = true;
      socket.terminate();
    },
  };
}
