/**
 * Reads the secrets out of what clients stored. This knows the client's rows and OpenMLS's records from
 * outside, so each kind of secret that is expected must be found at least once: were a field renamed, the
 * check would otherwise go on, and look for nothing.
 */
import { decodeMulti } from '@msgpack/msgpack';
import type { StorePut } from '@cipherchat/client-sdk';
import { keySecret, textSecret, type Secret } from '../detector/secret.js';

/** Kinds of secrets by the place in the client's state where they stand. */
const expectedKinds = [
  'account key',
  'device key',
  'refresh token',
  'access token',
  'exporter secret of signals',
  'key package: private_init_key',
  'key package: private_encryption_key',
  'group: private_key',
  'group: init_secret',
  'group: exporter_secret',
  'group: external_secret',
  'group: resumption_psk',
  'group: epoch_authenticator',
  'group: sender_data_secret',
  'group: membership_key',
  'group: confirmation_key',
  'group: ratchets',
] as const;
export type SecretKind = (typeof expectedKinds)[number];

export type Harvest = { readonly secrets: readonly Secret[]; readonly missing: readonly SecretKind[] };

type Found = { readonly kind: SecretKind; readonly bytes: Uint8Array };

/** All different secrets of one person's client; `owner` names them. */
export function harvest(params: { readonly owner: string; readonly puts: readonly StorePut[] }): Harvest {
  const { owner, puts } = params;
  const byValue = new Map<string, Found>();
  for (const found of puts.flatMap(secretsOf)) byValue.set(Buffer.from(found.bytes).toString('hex'), found);
  const counts = new Map<SecretKind, number>();
  const secrets = [...byValue.values()].map(({ kind, bytes }) => {
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    return secretOf({ name: `${owner}'s ${kind} ${number}`, kind, bytes });
  });
  return { secrets, missing: expectedKinds.filter((kind) => !counts.has(kind)) };
}

function secretOf(params: {
  readonly name: string;
  readonly kind: SecretKind;
  readonly bytes: Uint8Array;
}): Secret {
  const { name, kind, bytes } = params;
  // Tokens have to travel: to auth over HTTP, and the access token in the socket's first frame.
  if (kind === 'refresh token')
    return textSecret({ name, text: Buffer.from(bytes).toString('utf8'), allowedAt: ['http'] });
  if (kind === 'access token')
    return textSecret({ name, text: Buffer.from(bytes).toString('utf8'), allowedAt: ['http', 'socket'] });
  return keySecret({ name, bytes });
}

function secretsOf(put: StorePut): readonly Found[] {
  switch (put.table) {
    case 'profile':
      return ofRow(put, { accountSecret: 'account key', leafSecret: 'device key' });
    case 'session':
      return ofSession(put);
    case 'conversations':
      return listOf(rowOf(put)['signalSecrets']).flatMap((entry) =>
        bytesIn(entry, 'secret', 'exporter secret of signals'),
      );
    case 'key-packages':
      return listOf(rowOf(put)['privateRecords']).flatMap((record) =>
        Array.isArray(record) ? ofKeyPackage(record[1]) : [],
      );
    case 'groups':
    case 'pending-joins':
      return ofGroupRecord(put);
    default:
      return [];
  }
}

type Row = Readonly<Record<string, unknown>>;

/** The client's rows are JSON in which bytes are marked. */
function rowOf(put: StorePut): Row {
  const unmark = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value;
    return new Uint8Array(Buffer.from(String(value.$bytes), 'base64url'));
  };
  return JSON.parse(Buffer.from(put.value).toString('utf8'), unmark) as Row;
}

function ofRow(put: StorePut, fields: Readonly<Record<string, SecretKind>>): readonly Found[] {
  const row = rowOf(put);
  return Object.entries(fields).flatMap(([field, kind]) => bytesIn(row, field, kind));
}

/** Of the tokens only the last part: before it stand ids and times, which the server knows by right. */
function ofSession(put: StorePut): readonly Found[] {
  const { refreshToken, accessToken } = rowOf(put);
  const lastPart = (token: unknown): Uint8Array => Buffer.from(String(token).split('.').at(-1) ?? '');
  return [
    { kind: 'refresh token', bytes: lastPart(refreshToken) },
    { kind: 'access token', bytes: lastPart(accessToken) },
  ];
}

function bytesIn(row: unknown, field: string, kind: SecretKind): readonly Found[] {
  const value = typeof row === 'object' && row !== null ? (row as Row)[field] : undefined;
  return value instanceof Uint8Array ? [{ kind, bytes: value }] : [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function ofKeyPackage(record: unknown): readonly Found[] {
  if (!(record instanceof Uint8Array)) return [];
  return leavesOf(unpacked(record)).flatMap(({ path, bytes }): readonly Found[] => {
    const field = path.findLast((name) => name === 'private_init_key' || name === 'private_encryption_key');
    return field === undefined ? [] : [{ kind: `key package: ${field}`, bytes }];
  });
}

const groupKinds: Readonly<Record<string, SecretKind>> = {
  private_key: 'group: private_key',
  init_secret: 'group: init_secret',
  exporter_secret: 'group: exporter_secret',
  external_secret: 'group: external_secret',
  resumption_psk: 'group: resumption_psk',
  epoch_authenticator: 'group: epoch_authenticator',
  sender_data_secret: 'group: sender_data_secret',
  membership_key: 'group: membership_key',
  confirmation_key: 'group: confirmation_key',
  secret_tree: 'group: ratchets',
};

function ofGroupRecord(put: StorePut): readonly Found[] {
  const name = put.key.slice(put.key.indexOf('/') + 1);
  const values = unpacked(put.value);
  // The message secrets are packed once more, as fields without the head of their map.
  const opened = name.startsWith('secrets')
    ? leavesOf(values).flatMap(({ bytes }) => leavesOf(fieldsOf(bytes)))
    : leavesOf(values);
  return opened.flatMap(({ path, bytes }): readonly Found[] => {
    const field = path.find((part) => part in groupKinds);
    const kind = field === undefined ? undefined : groupKinds[field];
    return kind === undefined || bytes.length < minSecretBytes ? [] : [{ kind, bytes }];
  });
}

const minSecretBytes = 16;

/** A record is a version byte, then MessagePack. */
function unpacked(record: Uint8Array): readonly unknown[] {
  return [...decodeMulti(record.subarray(1))];
}

function fieldsOf(packed: Uint8Array): readonly unknown[] {
  const values = [...decodeMulti(packed)];
  return values.flatMap((value, index) => (index % 2 === 0 ? [{ [String(value)]: values[index + 1] }] : []));
}

type Leaf = { readonly path: readonly string[]; readonly bytes: Uint8Array };

/** Every byte string of a value with the names that lead to it. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly Leaf[] {
  if (value instanceof Uint8Array) return [{ path, bytes: value }];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}
