/** Real: TCP on loopback. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await TcpProxy.start({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  proxy.close();
  echo.close();
});

class Client {
  heard = '';
  state: 'open' | 'closed' = 'open';
  constructor(readonly socket: Socket) {
    clients.push(socket);
    socket.setEncoding('utf8').on('data', (text: string) => (this.heard += text));
    socket.on('error', () => {});
    socket.on('close', () => (this.state = 'closed'));
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the proxy', () => {
  it('passes bytes in order, also while it is slow', async () => {
    const client = new Client(connect(proxy.port, '127.0.0.1'));
    client.socket.write('one ');
    await until(() => client.heard === 'one ');
    proxy.slow(20);
    for (const word of ['two ', 'three ', 'four']) client.socket.write(word);
    await until(() => client.heard === 'one two three four');
    proxy.heal();
  });

  it('holds what is sent while it is stalled, and delivers it when it heals', async () => {
    const client = new Client(connect(proxy.port, '127.0.0.1'));
    client.socket.write('before ');
    await until(() => client.heard === 'before ');
    proxy.stall();
    client.socket.write('meanwhile');
    const other = new Client(connect(proxy.port, '127.0.0.1'));
    other.socket.write('late');
    await new Promise((resolve) => setTimeout(resolve, 50)); // silence: there is nothing to wait for
    expect([client.heard, other.heard, client.state]).toEqual(['before ', '', 'open']);
    proxy.heal();
    await until(() => client.heard === 'before meanwhile' && other.heard === 'late');
  });

  it('ends connections when it is cut, and refuses new ones until it heals', async () => {
    const client = new Client(connect(proxy.port, '127.0.0.1'));
    client.socket.write('hello');
    await until(() => client.heard === 'hello');
    proxy.cut();
    await until(() => client.state === 'closed');
    const refused = new Client(connect(proxy.port, '127.0.0.1'));
    await until(() => refused.state === 'closed');
    proxy.heal();
    const welcome = new Client(connect(proxy.port, '127.0.0.1'));
    welcome.socket.write('again');
    await until(() => welcome.heard === 'again');
  });
});
