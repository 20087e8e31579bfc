/**
 * A world for the stories: replicas of this service on real Postgres, NATS and Redis of the story's own.
 * What auth does (token keys, revocations, commands) is played here. The accounts are real: keys,
 * manifests and signatures are those of libs/crypto. Key packages are random bytes: the service never looks inside.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import {
  generateAccountKey,
  signManifest,
  type AccountKey,
  type Manifest,
  type VerifiedManifest,
} from '@cipherchat/crypto';
import {
  commandResult,
  decode,
  encode,
  idFromRandom,
  pathOf,
  queueGroups,
  registerIdentity,
  revocationsQuery,
  revocationsResult,
  subjects,
  type DeviceId,
  type Revocation,
  type Route,
  type Schema,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import {
  createService,
  signAccessToken,
  type RequestOf,
  type ResponseOf,
  type RunningService,
} from '@cipherchat/service-kit';
import { freshDatabase, freshRedisUrl, startNats, type FreshDatabase } from '@cipherchat/test-kit';
import { PrismaClient } from './generated/prisma/client.js';
import { keyDirectory } from './key-directory.module.js';

const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
export const newId = <T extends string>(): T => idFromRandom<T>(random);

const dayMs = 86_400_000;

export type Account = {
  readonly user: UserId;
  readonly username: string;
  readonly key: AccountKey;
  readonly devices: readonly DeviceId[];
  readonly manifest: VerifiedManifest;
};
export type Answer<Body> = { readonly status: number; readonly code: string | null; readonly body: Body };
type Call<R extends Route> = {
  readonly by: { readonly user: UserId; readonly device: DeviceId };
  readonly body?: RequestOf<R>;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly replica?: number;
};

export type World = {
  readonly clock: { nowMs: number };
  readonly database: FreshDatabase;
  readonly nats: NatsConnection;
  /** What the played auth answers to `revocations`. */
  readonly revocations: Revocation[];
  readonly services: readonly RunningService[];
  readonly account: (params?: { readonly devices?: number; readonly username?: string }) => Account;
  readonly registered: (params?: { readonly devices?: number }) => Promise<Account>;
  /** The problem's code, or '' when it was done. */
  readonly command: <Question>(params: {
    readonly subject: string;
    readonly question: Schema<Question>;
    readonly body: Question;
  }) => Promise<{ readonly problem: string; readonly detail: string }>;
  readonly call: <R extends Route>(route: R, call: Call<R>) => Promise<Answer<ResponseOf<R>>>;
  readonly stop: () => Promise<void>;
};

/** Signs another manifest of an account. Devices given replace those of its last one. */
export function manifestOf(
  account: Account,
  changes: Partial<Manifest> & { readonly version: number },
): VerifiedManifest {
  return signManifest({ accountKey: account.key, manifest: { ...account.manifest, ...changes } });
}

export function manifestDevice(device: DeviceId, nowMs: number): Manifest['devices'][number] {
  const addedAtS = Math.floor(nowMs / 1_000);
  return {
    device,
    leafKey: generateAccountKey(random).publicKey,
    nameCiphertext: random(24),
    addedAtS,
    expiresAtS: addedAtS + 90 * 86_400,
  };
}

export async function startWorld(params: { readonly replicas: number }): Promise<World> {
  const clock = { nowMs: 1_800_000_000_000 };
  const revocations: Revocation[] = [];
  const natsServer = await startNats();
  const nats = await connect({ servers: natsServer.url });
  const database = await freshDatabase();
  const tokenKeys = await startTokenKeys();
  playAuth(nats, revocations);
  const environment = {
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url('key-directory'),
    NATS_URL: natsServer.url,
    REDIS_URL: await freshRedisUrl(),
    AUTH_JWKS_URL: tokenKeys.url,
  };
  const services: RunningService[] = [];
  for (let replica = 0; replica < params.replicas; replica++)
    services.push(await createService(keyDirectory, { environment, clock: { nowMs: () => clock.nowMs } }));

  // Prisma loads its query compiler at the first query, and jest refuses to load anything between two tests.
  await Promise.all(services.map(({ application }) => application.get(PrismaClient).directoryState.count()));

  const account: World['account'] = ({
    devices = 1,
    username = `u${random(6).reduce((text, byte) => text + byte.toString(16), '')}`,
  } = {}) => {
    const key = generateAccountKey(random);
    const user = newId<UserId>();
    const ids = Array.from({ length: devices }, () => newId<DeviceId>()).sort();
    const manifest = signManifest({
      accountKey: key,
      manifest: {
        user,
        accountKey: key.publicKey,
        version: 1,
        devices: ids.map((device) => manifestDevice(device, clock.nowMs)),
      },
    });
    return { user, username, key, devices: ids, manifest };
  };
  const command: World['command'] = async ({ subject, question, body }) => {
    const reply = await nats.request(subject, encode(question, body), { timeout: 10_000 });
    const refusal = reply.headers?.get('cipherchat-problem') ?? '';
    return refusal === '' ? decode(commandResult, reply.data) : { problem: refusal, detail: '' };
  };
  const call: World['call'] = async (route, { by, body, path, query, replica = 0 }) => {
    const { accessToken } = await signAccessToken({
      caller: { ...by, session: newId<SessionId>(), role: 'member' },
      key: tokenKeys.privateKey,
      keyId: tokenKeys.keyId,
      nowMs: clock.nowMs,
    });
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const response = await fetch(`${services[replica]!.url}${pathOf(route, path)}${search}`, {
      method: route.method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(route.request === undefined ? {} : { body: JSON.stringify(z.encode(route.request, body)) }),
    });
    if (response.status === 204) return { status: 204, code: null, body: undefined as never };
    const answer: unknown = await response.json();
    if (!response.ok)
      return { status: response.status, code: (answer as { code: string }).code, body: answer as never };
    return { status: response.status, code: null, body: route.response!.parse(answer) as never };
  };
  const registered: World['registered'] = async (options) => {
    const made = account(options);
    const { problem } = await command({
      subject: subjects.registerIdentity,
      question: registerIdentity,
      body: { user: made.user, username: made.username, manifest: made.manifest.bytes },
    });
    if (problem !== '') throw new Error(`registering: ${problem}`);
    return made;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.stop()));
    await nats.close();
    await Promise.all([tokenKeys.stop(), natsServer.stop(), database.drop()]);
  };
  return { clock, database, nats, revocations, services, account, registered, command, call, stop };
}

/** Random bytes that stand for key packages, valid for 30 days. */
export function keyPackages(
  count: number,
  nowMs: number,
): { readonly keyPackage: Uint8Array; readonly notAfterMs: number }[] {
  return Array.from({ length: count }, () => ({ keyPackage: random(300), notAfterMs: nowMs + 30 * dayMs }));
}

/** Waits until `condition` holds. @throws after 10 s */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('the condition did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function playAuth(nats: NatsConnection, revocations: readonly Revocation[]): void {
  nats.subscribe(subjects.revocations, {
    queue: queueGroups.auth,
    callback: (_error, message) => {
      const { after, sinceMs } = decode(revocationsQuery, message.data);
      const answer = revocations.filter(({ order, atMs }) => order > after && atMs >= sinceMs);
      message.respond(encode(revocationsResult, { revocations: answer }));
    },
  });
}

async function startTokenKeys() {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const keyId = 'test';
  const keys = [{ ...(await exportJWK(publicKey)), kid: keyId, alg: 'EdDSA', use: 'sig' }];
  const server = createServer(
    (_request, response) =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    privateKey,
    keyId,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
