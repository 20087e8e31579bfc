/**
 * Leaks put into the running system, one at each place, to be found by a second recording: this tests the
 * recorders, as `plantLeaks` tests the detector. Each is also a thing that the document does not list.
 */
import { appendFile } from 'node:fs/promises';
import { connect, headers } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { sendFrame } from './conversation/malformed.js';
import { keySecret, textSecret, type Place, type Secret } from './detector/secret.js';
import { canary } from './conversation/canaries.js';
import { randomBytes } from 'node:crypto';
import type { SectionName } from './document/known-things.js';
import type { Surroundings } from './surroundings.js';

export type RealPlants = {
  readonly secrets: readonly Secret[];
  /** Where each must be found. */
  readonly expected: ReadonlyArray<{ readonly place: Place; readonly secret: string }>;
  /** Names that must be reported as not listed. */
  readonly unlisted: ReadonlyArray<{ readonly section: SectionName; readonly name: string }>;
};

/** Deleted again before the second recording: only the files of Postgres still have it. */
const deletedSecret = 'a planted and deleted row';

export async function plantInSystem(surroundings: Surroundings): Promise<RealPlants> {
  const { system, traces } = surroundings;
  const text = canary();
  const key = new Uint8Array(randomBytes(32));
  const deleted = new Uint8Array(randomBytes(32));
  const hex = Buffer.from(key).toString('hex');

  const database = new Client({ connectionString: system.postgres.adminUrl });
  await database.connect();
  await database.query('create table messages.planted (leak bytea)');
  await database.query('insert into messages.planted values ($1)', [Buffer.from(deleted)]);
  await database.query('delete from messages.planted');
  await database.query('insert into messages.planted values ($1)', [Buffer.from(key)]);
  await database.end();

  const redis = new Redis(system.redis.url);
  await redis.set('planted:leak', hex, 'EX', 600);
  redis.disconnect();

  const nats = await connect({ servers: system.nats.url });
  const named = headers();
  named.set('x-planted', Buffer.from(text).toString('base64'));
  nats.publish('planted.leak', key, { headers: named });
  await nats.flush();
  await nats.close();

  const gateway = system.services.find(({ service }) => service === 'gateway');
  const logFile = gateway?.logFile ?? '';
  await appendFile(logFile, `${JSON.stringify({ level: 'info', plantedField: hex })}\n`);

  const span = { attributes: [{ key: 'planted.attribute', value: { stringValue: text } }] };
  await fetch(`${traces.url}/v1/traces`, { method: 'POST', body: JSON.stringify(span) });
  const { gatewayUrls } = (await (await fetch(`${system.serverUrl}/.well-known/cipherchat`)).json()) as {
    readonly gatewayUrls: readonly string[];
  };
  await sendFrame(`${gatewayUrls[0] ?? ''}/v1/socket`, text);
  await (await fetch(`${system.serverUrl}/v1/auth/register`, { method: 'POST', body: text })).arrayBuffer();

  const names = { text: 'a planted text', key: 'a planted key' };
  const place = (place: Place, secret: string) => ({ place, secret });
  return {
    secrets: [
      textSecret({ name: names.text, text }),
      keySecret({ name: names.key, bytes: key }),
      keySecret({ name: deletedSecret, bytes: deleted }),
    ],
    expected: [
      place('postgres', names.key),
      place('postgres-files', deletedSecret),
      place('redis', names.key),
      place('redis-commands', names.key),
      place('nats', names.key),
      place('nats', names.text),
      place('logs', names.key),
      place('traces', names.text),
      place('socket', names.text),
      place('http', names.text),
    ],
    unlisted: [
      { section: 'columns', name: 'messages.planted.leak' },
      { section: 'redisKeys', name: 'planted:leak' },
      { section: 'natsSubjects', name: 'planted.leak' },
      { section: 'natsHeaders', name: 'x-planted' },
      { section: 'logFields', name: 'plantedField' },
      { section: 'spanAttributes', name: 'planted.attribute' },
    ],
  };
}
