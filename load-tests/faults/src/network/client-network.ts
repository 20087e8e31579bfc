/**
 * The line between the clients' host and the servers'. As root on Linux the clients' host is a network namespace,
 * and the line a pair of virtual interfaces: cut by taking one down, slowed by a token bucket filter. Elsewhere it
 * is a proxy of our own before each service, on loopback.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ExplainedError, findProgram, run } from '@cipherchat/test-kit';
import { TcpProxy } from './tcp-proxy.js';

export type ClientNetwork = {
  readonly name: string;
  /** Where services listen. */
  readonly host: string;
  readonly publicOrigin: (origin: string) => Promise<string>;
  /** What to put before a client's command, so that it runs on the clients' host. */
  readonly prefix: readonly string[];
  readonly cut: () => Promise<void>;
  /** Slower than what is sent over it, so that a queue grows and overflows. */
  readonly slow: () => Promise<void>;
  readonly heal: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const namePrefix = 'cipherchat-faults-';
/** Both ends of a load of 500 messages/s of 256 B want about 4 Mbit/s. */
const slowRate = ['rate', '2mbit', 'burst', '16kb', 'latency', '300ms'];
const slowProxyMs = 300;

export async function createClientNetwork(): Promise<ClientNetwork> {
  const ip = findProgram('ip');
  const mayMake = process.platform === 'linux' && process.getuid?.() === 0 && ip !== undefined;
  return mayMake ? createNamespace(ip) : createProxies();
}

async function createNamespace(ip: string): Promise<ClientNetwork> {
  const tc = findProgram('tc');
  if (tc === undefined) throw new ExplainedError('tc is missing. To get it: apt-get install iproute2.');
  await removeLeftBehind(ip);
  const namespace = `${namePrefix}${process.pid}`;
  const [here, there] = [`ccf${process.pid}a`, `ccf${process.pid}b`];
  const net = `10.${randomInt(200, 255)}.${randomInt(1, 255)}`;
  const [servers, clients] = [`${net}.1`, `${net}.2`];
  const inside = ['-n', namespace];
  const steps = [
    ['netns', 'add', namespace],
    ['link', 'add', here, 'type', 'veth', 'peer', 'name', there],
    ['link', 'set', there, 'netns', namespace],
    ['addr', 'add', `${servers}/30`, 'dev', here],
    ['link', 'set', here, 'up'],
    [...inside, 'addr', 'add', `${clients}/30`, 'dev', there],
    [...inside, 'link', 'set', 'lo', 'up'],
    [...inside, 'link', 'set', there, 'up'],
  ];
  const remove = (): void => {
    for (const args of [
      ['link', 'del', here],
      ['netns', 'del', namespace],
    ])
      spawnSync(ip, args);
  };
  process.once('exit', remove);
  for (const args of steps) await mustRun(ip, args);
  const unslow = (): Promise<unknown> => run({ program: tc, args: ['qdisc', 'del', 'dev', here, 'root'] });
  return {
    name: 'clients in a network namespace of their own',
    host: servers,
    publicOrigin: (origin) => Promise.resolve(origin),
    prefix: [ip, 'netns', 'exec', namespace],
    // The clients' end: the servers keep their address, as when a client's network goes away.
    cut: () => mustRun(ip, [...inside, 'link', 'set', there, 'down']),
    slow: () => mustRun(tc, ['qdisc', 'add', 'dev', here, 'root', 'tbf', ...slowRate]),
    heal: async () => {
      await unslow();
      await mustRun(ip, [...inside, 'link', 'set', there, 'up']);
    },
    close: () => {
      remove();
      process.off('exit', remove);
      return Promise.resolve();
    },
  };
}

/** Of runs that were killed: their process is gone. */
async function removeLeftBehind(ip: string): Promise<void> {
  const { stdout } = await run({ program: ip, args: ['netns', 'list'] });
  for (const line of stdout.split('\n')) {
    const [name = ''] = line.split(' ');
    if (name.startsWith(namePrefix) && !existsSync(`/proc/${name.slice(namePrefix.length)}`))
      await run({ program: ip, args: ['netns', 'del', name] });
  }
}

async function mustRun(program: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await run({ program, args });
  if (status !== 0) throw new ExplainedError(`${program} ${args.join(' ')} failed: ${stderr.trim()}`);
}

async function createProxies(): Promise<ClientNetwork> {
  const proxies: TcpProxy[] = [];
  const all = (action: (proxy: TcpProxy) => void): Promise<void> => {
    for (const proxy of proxies) action(proxy);
    return Promise.resolve();
  };
  return {
    name: 'clients behind proxies on loopback (namespaces want root)',
    host: '127.0.0.1',
    publicOrigin: async (origin) => {
      const { hostname, port } = new URL(origin);
      const proxy = await TcpProxy.start({ host: hostname, port: Number(port) });
      proxies.push(proxy);
      return `http://127.0.0.1:${proxy.port}`;
    },
    prefix: [],
    cut: () => all((proxy) => proxy.cut()),
    slow: () => all((proxy) => proxy.slow(slowProxyMs)),
    heal: () => all((proxy) => proxy.heal()),
    close: () => all((proxy) => proxy.close()),
  };
}
