/** Real: Postgres, Redis, NATS, HTTP, WebSocket, files. Nothing is mocked; the services are stood in for by plain servers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, headers } from '@nats-io/transport-node';
import {
  randomFreePort,
  startTraceCollector,
  startNats,
  startPostgres,
  startRedis,
  type RunningServer,
} from '@cipherchat/test-kit';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { WebSocket, WebSocketServer } from 'ws';
import { Detector } from '../detector/detector.js';
import { keySecret, textSecret, type Captured } from '../detector/secret.js';
import { captureLogs, captureMetrics, labelsOf } from './logs-and-metrics.js';
import { recordNats } from './nats.js';
import { capturePostgres, capturePostgresFiles } from './postgres.js';
import { createRecordingProxy } from './recording-proxy.js';
import { captureRedis, keysOfCommands, recordRedisCommands } from './redis.js';
import { captureTraces } from './traces.js';

const text = textSecret({ name: 'text', text: 'R7uKq2XwZ9mPb4Vt6נאךםק🦊' });
const key = keySecret({
  name: 'key',
  bytes: Uint8Array.from({ length: 32 }, (_, index) => (index * 167 + 13) % 256),
});
const textValue = Buffer.from(text.bytes).toString('utf8');
const detector = new Detector([text, key]);
const namesFoundIn = (captured: readonly Captured[]): ReadonlySet<string> =>
  new Set(captured.flatMap((item) => detector.find(item)).map(({ secret }) => secret));

describe('a capture of Postgres', () => {
  let server: RunningServer;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres();
    client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query('create schema notes');
    await client.query('create table notes.page (id int, body text, data bytea, tags text[])');
    await client.query(`comment on column notes.page.body is 'What was written.'`);
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  it('names every column with its comment', async () => {
    const { columns } = await capturePostgres(server.url);
    expect(columns).toEqual([
      { name: 'notes.page.id', comment: null },
      { name: 'notes.page.body', comment: 'What was written.' },
      { name: 'notes.page.data', comment: null },
      { name: 'notes.page.tags', comment: null },
    ]);
  });

  it('holds texts and bytes of every table, also large ones that Postgres compressed', async () => {
    await client.query('insert into notes.page values (1, $1, null, null)', [
      `${'a'.repeat(20_000)}${textValue}`,
    ]);
    await client.query('insert into notes.page values (2, null, $1, null)', [Buffer.from(key.bytes)]);
    const { captured } = await capturePostgres(server.url);
    expect(namesFoundIn(captured)).toEqual(new Set(['text', 'key']));
    expect(captured.find((item) => item.location === 'notes.page.data, row 2')?.bytes).toEqual(
      Buffer.from(key.bytes),
    );
  });

  it('of its files holds what was deleted again', async () => {
    await client.query('create table notes.passing (value bytea)');
    await client.query('insert into notes.passing values ($1)', [Buffer.from(key.bytes).reverse()]);
    await client.query('delete from notes.passing');
    await client.query('vacuum full notes.passing');
    await client.query('delete from notes.page');
    expect(namesFoundIn((await capturePostgres(server.url)).captured)).toEqual(new Set());
    const findings = (await capturePostgresFiles(server.url)).flatMap((item) => detector.find(item));
    expect(findings.some(({ secret, encoding }) => secret === 'key' && encoding === 'reversed')).toBe(true);
  }, 60_000);
});

describe('a capture of Redis', () => {
  let server: RunningServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('holds keys and values of every type in every database', async () => {
    await redis.set('plain', Buffer.from(key.bytes));
    await redis.hset('hash', 'field', textValue);
    await redis.select(3);
    await redis.rpush('list', 'one');
    await redis.sadd('set', 'two');
    await redis.zadd('sorted', 1, 'three');
    await redis.select(0);
    const captured = await captureRedis(server.url);
    expect(new Set(captured.map(({ location }) => location))).toEqual(
      new Set(['plain', 'hash', 'list', 'set', 'sorted']),
    );
    expect(namesFoundIn(captured)).toEqual(new Set(['text', 'key']));
    await redis.flushall();
  });

  it('holds commands on keys that are gone, and names their keys, also those of scripts', async () => {
    const recording = await recordRedisCommands(server.url);
    await redis.set('short-lived', Buffer.from(key.bytes), 'PX', 1);
    await redis.del('short-lived');
    await redis.eval(`return redis.call('SET', KEYS[1], ARGV[1])`, 1, 'by "script"\x01', 'value');
    await redis.publish('channel', 'word');
    await redis.flushall();
    await until(() => recording.commands().some(({ bytes }) => Buffer.from(bytes).includes('flushall')));
    recording.stop();
    expect(namesFoundIn(recording.commands())).toEqual(new Set(['key']));
    const names = await keysOfCommands({ url: server.url, commands: recording.commands() });
    expect(names).toEqual(['by "script"\x01', 'channel', 'short-lived']);
    expect(await captureRedis(server.url)).toEqual([]);
  });
});

describe('a capture of NATS', () => {
  it('holds subjects, headers and bodies of publishes, requests and answers', async () => {
    const server = await startNats();
    const recording = await recordNats(server.url);
    const connection = await connect({ servers: server.url });
    connection.subscribe('question', { callback: (_, message) => void message.respond(key.bytes) });
    const named = headers();
    named.set('x-note', textValue);
    connection.publish('word', new Uint8Array(0), { headers: named });
    await connection.request('question', new Uint8Array(1));
    await connection.flush();
    await recording.stop();
    await connection.close();
    await server.stop();
    expect(recording.subjects()).toEqual(
      expect.arrayContaining(['word', 'question', expect.stringMatching(/^_INBOX\./)]),
    );
    expect(recording.headers()).toEqual(['x-note']);
    expect(namesFoundIn(recording.captured())).toEqual(new Set(['text', 'key']));
  });
});

describe('a capture of logs and metrics', () => {
  it('names the fields of structured lines, and reports the place of others without quoting them', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'cipherchat-logs-'));
    const file = path.join(folder, 'service.log');
    await writeFile(
      file,
      `${JSON.stringify({ event: 'x', error: { code: 'E', stack: ['a', 'b'] } })}\nException: ${textValue}\n`,
    );
    const logs = await captureLogs([file]);
    await rm(folder, { recursive: true });
    expect(logs.fields).toEqual(['error.code', 'error.stack', 'event']);
    expect(logs.strangeLines).toEqual([`${file} line 2 is not a JSON object`]);
    expect(namesFoundIn(logs.captured)).toEqual(new Set(['text']));
  });

  it('names the labels of metrics', async () => {
    const exposition =
      '# HELP a b {c="d"}\na_total{route="/v1/x",status="2xx"} 1\nb_bucket{le="0.1"} 2 # {trace_id="e"} 0.05 1\nplain 3\n';
    expect(labelsOf(exposition)).toEqual(['route', 'status', 'le', 'trace_id']);
    const server = await listening(createServer((_, response) => void response.end(exposition)));
    const metrics = await captureMetrics([{ service: 'gateway', url: originOf(server) }]);
    server.close();
    expect(metrics.labels).toEqual(['le', 'route', 'status', 'trace_id']);
    expect(metrics.captured).toHaveLength(1);
    expect(metrics.faults).toContain(
      'gateway does not show cipherchat_sockets_open, which the catalogue gives to it',
    );
  });
});

describe('a capture of traces', () => {
  it('holds what is exported', async () => {
    const collector = await startTraceCollector();
    const body = JSON.stringify({ attributes: [{ key: 'http.route', value: { stringValue: textValue } }] });
    for (const each of [body, textValue])
      await fetch(`${collector.url}/v1/traces`, { method: 'POST', body: each });
    await collector.stop();
    const { captured, attributes } = captureTraces(collector);
    expect(captured.map(({ location }) => location)).toEqual(['/v1/traces', '/v1/traces']);
    for (const each of captured) expect(namesFoundIn([each])).toEqual(new Set(['text']));
    expect(attributes).toEqual(['http.route']);
  });
});

describe('the recording proxy', () => {
  it('keeps HTTP bodies and socket frames of both directions', async () => {
    const upstream = await listening(
      createServer((request, response) => {
        request.pipe(response.writeHead(201, { 'x-kept': 'yes' }));
      }),
    );
    const acceptor = new WebSocketServer({ server: upstream });
    acceptor.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(Buffer.concat([Buffer.from('answer '), data as Buffer]))),
    );
    const proxy = createRecordingProxy();
    const base = await proxy.inFrontOf(originOf(upstream));

    const answer = await fetch(`${base}/v1/echo`, { method: 'POST', body: textValue });
    expect([answer.status, answer.headers.get('x-kept'), await answer.text()]).toEqual([
      201,
      'yes',
      textValue,
    ]);

    const socket = new WebSocket(base.replace('http', 'ws'), ['cipherchat.v1']);
    await new Promise((resolve) => socket.once('open', resolve));
    const answered = new Promise<Buffer>((resolve) =>
      socket.once('message', (data) => resolve(data as Buffer)),
    );
    socket.send(key.bytes);
    expect(await answered).toEqual(Buffer.concat([Buffer.from('answer '), key.bytes]));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    proxy.cutSockets();
    expect(await closed).toBe(1006);

    await proxy.stop();
    acceptor.close();
    upstream.close();
    const places = proxy.captured().filter((item) => detector.find(item).length > 0);
    expect(places.map(({ place, location }) => `${place}: ${location}`)).toEqual([
      'http: POST /v1/echo (request)',
      'http: POST /v1/echo (answer)',
      'socket: frame of a client',
      'socket: frame of a gateway',
    ]);
  });
});

async function listening(server: Server): Promise<Server> {
  const port = await randomFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
