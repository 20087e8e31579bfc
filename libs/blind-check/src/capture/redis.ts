/** What Redis holds at the end, and every command it was given meanwhile: most keys live for a minute. */
import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import type { Captured } from '../detector/secret.js';

export type RedisRecording = {
  /** Every command so far, as MONITOR shows it. */
  readonly commands: () => readonly Captured[];
  readonly stop: () => void;
};

/** Records from now on. Resolves when the server has begun to report. */
export async function recordRedisCommands(url: string): Promise<RedisRecording> {
  const { hostname, port, password } = new URL(url);
  const lines: Captured[] = [];
  let pending = '';
  const socket = connect({ host: hostname, port: Number(port) });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.setEncoding('latin1'); // MONITOR escapes what is not printable, so lines are ASCII
    socket.on('data', (chunk) => {
      const parts = (pending + String(chunk)).split('\r\n');
      pending = parts.pop() ?? '';
      for (const line of parts) {
        if (line.startsWith('-')) reject(new Error(`Redis refused MONITOR: ${line}`));
        else if (isCommand(line))
          lines.push({
            place: 'redis-commands',
            location: `command ${lines.length + 1}`,
            bytes: Buffer.from(line, 'latin1'),
          });
        else if (line === '+OK') resolve();
      }
    });
    sendCommands(socket, [...(password === '' ? [] : [`AUTH ${password}`]), 'MONITOR']);
  });
  return { commands: () => [...lines], stop: () => void socket.destroy() };
}

function sendCommands(socket: Socket, commands: readonly string[]): void {
  socket.write(commands.map((command) => `${command}\r\n`).join(''));
}

/** `+1732170000.123456 [0 127.0.0.1:51234] "SET" "key" "value"` */
const commandLine = /^\+\d+\.\d+ \[\d+ ([^\]]*)\] (.*)$/;

function isCommand(line: string): boolean {
  return commandLine.test(line);
}

/** All keys of all databases with their values. */
export async function captureRedis(url: string): Promise<readonly Captured[]> {
  const captured: Captured[] = [];
  for (const database of await usedDatabases(url)) {
    await withRedis({ url, database }, async (redis) => {
      let cursor = '0';
      do {
        const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', scanCount);
        cursor = next.toString();
        for (const key of keys) captured.push(...(await entriesOf(redis, key)));
      } while (cursor !== '0');
    });
  }
  return captured;
}

const scanCount = 1_000;

async function usedDatabases(url: string): Promise<readonly number[]> {
  return withRedis({ url, database: 0 }, async (redis) =>
    [...(await redis.info('keyspace')).matchAll(/^db(\d+):/gm)].map(([, number]) => Number(number)),
  );
}

async function entriesOf(redis: Redis, key: Buffer): Promise<readonly Captured[]> {
  const name = key.toString('latin1');
  const item = (bytes: Buffer): Captured => ({ place: 'redis', location: name, bytes });
  const type = await redis.type(key);
  return [item(key), ...(await valuesOf({ redis, key, type })).map(item)];
}

async function valuesOf(params: {
  readonly redis: Redis;
  readonly key: Buffer;
  readonly type: string;
}): Promise<readonly Buffer[]> {
  const { redis, key, type } = params;
  switch (type) {
    case 'string':
      return [(await redis.getBuffer(key)) ?? Buffer.alloc(0)];
    case 'hash':
      return Object.entries(await redis.hgetallBuffer(key)).flatMap(([field, value]) => [
        Buffer.from(field, 'utf8'),
        value,
      ]);
    case 'list':
      return redis.lrangeBuffer(key, 0, -1);
    case 'set':
      return redis.smembersBuffer(key);
    case 'zset':
      return redis.zrangeBuffer(key, '0', '-1');
    case 'none':
      return []; // it expired meanwhile
    default:
      throw new Error(`Redis key of type ${type}: the blind check cannot read it`);
  }
}

/** The keys and channels that commands were given, which may be gone by now. */
export async function keysOfCommands(params: {
  readonly url: string;
  readonly commands: readonly Captured[];
}): Promise<readonly string[]> {
  return withRedis({ url: params.url, database: 0 }, async (redis) => {
    const names = new Set<string>();
    const seen = new Set<string>();
    for (const { bytes } of params.commands) {
      const args = argumentsOf(Buffer.from(bytes).toString('latin1'));
      const [command = '', ...rest] = args;
      const shape = args.slice(0, 5).join('\0');
      if (rest.length === 0 || seen.has(shape)) continue;
      seen.add(shape);
      if (channelCommands.has(command.toUpperCase()))
        rest.slice(0, command.toUpperCase() === 'PUBLISH' ? 1 : undefined).forEach((name) => names.add(name));
      // Redis itself knows which arguments of a command are keys, also of scripts.
      else
        for (const name of await redis.command('GETKEYS', ...(args as [string])).catch(noKeys))
          names.add(String(name));
    }
    return [...names].sort();
  });
}

const channelCommands: ReadonlySet<string> = new Set([
  'PUBLISH',
  'SPUBLISH',
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
]);

function noKeys(error: unknown): readonly string[] {
  if (error instanceof Error && /no key arguments|Invalid arguments|Invalid command/.test(error.message))
    return [];
  throw error;
}

/** Undoes the quoting of a MONITOR line. */
function argumentsOf(line: string): readonly string[] {
  const [, , rest = ''] = commandLine.exec(line) ?? [];
  return Array.from(rest.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, quoted = '']) =>
    quoted.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, letter: string) =>
      hex === undefined ? (namedEscapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
}

const namedEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

async function withRedis<Result>(
  params: { readonly url: string; readonly database: number },
  use: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const url = new URL(params.url);
  url.pathname = `/${params.database}`;
  const redis = new Redis(url.href, { maxRetriesPerRequest: 1 });
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
