/**
 * A world for the stories: gateways and message-stores as they run in production, on real NATS, Postgres and Redis of
 * the story's own, and clients that are bare `ws` sockets. What auth does (token keys, revocations) is played here.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { WebSocket, type ClientOptions } from 'ws';
import {
  binaryMediaType,
  commitBundle,
  conversationRoutes,
  decode,
  decodeServerFrame,
  encode,
  encodeClientFrame,
  idFromRandom,
  logPage,
  newConversation,
  pathOf,
  queueGroups,
  revocation,
  revocationsQuery,
  revocationsResult,
  socketPath,
  subjects,
  subprotocol,
  type ClientFrame,
  type CommitBundle,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type LogPage,
  type MemberDevice,
  type Revocation,
  type ServerFrame,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import {
  createService,
  signAccessToken,
  type CurrentDevice,
  type RunningService,
  type ServiceDefinition,
  type Variables,
} from '@cipherchat/service-kit';
import {
  freshDatabase,
  freshRedisUrl,
  startNats,
  type FreshDatabase,
  type RunningServer,
} from '@cipherchat/test-kit';
import { gateway } from './gateway.js';

const patienceMs = 10_000;
export const newId = <Id extends string>(): Id =>
  idFromRandom<Id>((length) => Uint8Array.from(randomBytes(length)));
export const noSession = '00000000-0000-0000-0000-000000000000' as SessionId;

export type ServerFrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: Type }>;

/** A client's socket: what came is kept in order, and can be waited for. */
export class Client {
  readonly frames: ServerFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  private readonly wakes = new Set<() => void>();

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.frames.push(decodeServerFrame(data as Buffer));
      this.wake();
    });
    socket.on('error', () => {}); // `close` follows
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
  }

  send(frame: ClientFrame): void {
    this.socket.send(encodeClientFrame(frame));
  }

  /** The next frame of a type that was not taken yet, now or soon. */
  async take<Type extends ServerFrame['type']>(type: Type): Promise<ServerFrameOf<Type>> {
    await this.until(() => this.closed !== null || this.frames.some((frame) => frame.type === type), type);
    if (!this.frames.some((frame) => frame.type === type))
      throw new Error(`closed ${this.closed?.code} before ${type}`);
    const index = this.frames.findIndex((frame) => frame.type === type);
    return this.frames.splice(index, 1)[0] as ServerFrameOf<Type>;
  }

  async closing(): Promise<number> {
    await this.until(() => this.closed !== null, 'close');
    return this.closed?.code ?? 0;
  }

  ofType<Type extends ServerFrame['type']>(type: Type): readonly ServerFrameOf<Type>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<Type> => frame.type === type);
  }

  async until(holds: () => boolean, what = 'condition'): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.wakes.delete(look);
        reject(
          new Error(
            `waited in vain for ${what}; got ${this.frames.map(({ type }) => type).join(' ')}${this.closed === null ? '' : ` and close ${this.closed.code}`}`,
          ),
        );
      }, patienceMs);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.wakes.delete(look);
        resolve();
      };
      this.wakes.add(look);
    });
  }

  private wake(): void {
    for (const wake of [...this.wakes]) wake();
  }
}

type Environment = Readonly<Record<string, string>>;

export class GatewayWorld {
  readonly revocations: Revocation[] = [];
  /** How far the services' clock is ahead of the real one. */
  aheadMs = 0;
  readonly services: RunningService[] = [];
  private readonly sockets: WebSocket[] = [];

  private constructor(
    private natsServer: RunningServer,
    readonly nats: NatsConnection,
    readonly database: FreshDatabase,
    readonly redisUrl: string,
    private readonly keys: {
      readonly url: string;
      readonly privateKey: CryptoKey;
      readonly close: () => void;
    },
  ) {}

  static async start(): Promise<GatewayWorld> {
    const natsServer = await startNats();
    const nats = await connect({ servers: natsServer.url, reconnectTimeWait: 100, maxReconnectAttempts: -1 });
    const world = new GatewayWorld(
      natsServer,
      nats,
      await freshDatabase(),
      await freshRedisUrl(),
      await startTokenKeys(),
    );
    nats.subscribe(subjects.revocations, {
      queue: queueGroups.auth,
      callback: (_error, message) => {
        const { after } = decode(revocationsQuery, message.data);
        message.respond(
          encode(revocationsResult, { revocations: world.revocations.filter(({ order }) => order > after) }),
        );
      },
    });
    return world;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await Promise.all(this.services.map((service) => service.stop()));
    await this.nats.close();
    await this.natsServer.stop();
    await this.database.drop();
    this.keys.close();
  }

  /** NATS goes away; the result brings it back at the same address. */
  async breakNats(): Promise<() => Promise<void>> {
    const { port } = this.natsServer;
    await this.natsServer.stop();
    return async () => {
      this.natsServer = await startNats({ port });
    };
  }

  gateway(environment: Environment = {}): Promise<RunningService> {
    return this.serve(gateway, {
      SERVICE_INSTANCE: `gateway-${this.services.length}`,
      DRAIN_WINDOW_MS: '200',
      HANDSHAKES_PER_MINUTE: '100000',
      ...environment,
    });
  }

  /** The real store. Apps do not import each other, but a story needs both ends: hence a path that the compiler does not see. */
  async store(): Promise<RunningService> {
    const path = '../../message-store/src/message-store.js'.replace('.js', '.ts');
    const { messageStore } = (await import(path)) as { readonly messageStore: ServiceDefinition<Variables> };
    return this.serve(messageStore, {
      SERVICE_INSTANCE: `store-${this.services.length}`,
      DATABASE_URL: this.database.url('message-store'),
    });
  }

  private async serve(
    definition: ServiceDefinition<Variables>,
    environment: Environment,
  ): Promise<RunningService> {
    const service = await createService(definition, {
      environment: {
        PORT: '0',
        LOG_LEVEL: 'error',
        NATS_URL: this.natsServer.url,
        REDIS_URL: this.redisUrl,
        AUTH_JWKS_URL: this.keys.url,
        ...environment,
      },
      clock: { nowMs: () => this.nowMs },
    });
    this.services.push(service);
    return service;
  }

  token(
    member: MemberDevice,
    session: SessionId = newId<SessionId>(),
  ): Promise<{ readonly accessToken: string; readonly accessTokenExpiresAtMs: number }> {
    const caller: CurrentDevice = { ...member, session, role: 'member' };
    return signAccessToken({ caller, key: this.keys.privateKey, keyId: 'test', nowMs: this.nowMs });
  }

  get nowMs(): number {
    return Date.now() + this.aheadMs;
  }

  /** An open socket that has said nothing yet. */
  async open(
    service: RunningService,
    options: ClientOptions & { readonly protocols?: readonly string[] } = {},
  ): Promise<Client> {
    const { protocols = [subprotocol], ...rest } = options;
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}${socketPath}`, [...protocols], rest);
    this.sockets.push(socket);
    const client = new Client(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** A socket that is ready. */
  async connect(service: RunningService, member: MemberDevice, session?: SessionId): Promise<Client> {
    const client = await this.open(service);
    const { accessToken } = await this.token(member, session);
    client.send({ type: 'authenticate', token: accessToken });
    await client.take('ready');
    return client;
  }

  /** Connected, and past the `live` marker. */
  async online(service: RunningService, member: MemberDevice): Promise<Client> {
    const client = await this.connect(service, member);
    client.send({ type: 'resume', generation: 1 });
    await client.take('live');
    return client;
  }

  async group(store: RunningService, members: readonly MemberDevice[]): Promise<ConversationId> {
    const conversation = newId<ConversationId>();
    const body = encode(newConversation, {
      conversation,
      kind: 'group',
      first: bundle({ devices: members }),
    });
    const response = await this.post(store, {
      path: pathOf(conversationRoutes.create),
      by: members[0] as MemberDevice,
      body,
    });
    if (response.status !== 200) throw new Error(`create answered ${response.status}`);
    return conversation;
  }

  commit(
    store: RunningService,
    params: {
      readonly conversation: ConversationId;
      readonly by: MemberDevice;
      readonly bundle: CommitBundle;
    },
  ): Promise<Response> {
    const { conversation, by, bundle: body } = params;
    return this.post(store, {
      path: pathOf(conversationRoutes.commit, { conversation }),
      by,
      body: encode(commitBundle, body),
    });
  }

  async readPage(
    store: RunningService,
    params: { readonly conversation: ConversationId; readonly by: MemberDevice; readonly after: number },
  ): Promise<LogPage> {
    const { accessToken } = await this.token(params.by);
    const response = await fetch(
      `${store.url}${pathOf(conversationRoutes.readPage, { conversation: params.conversation })}?after=${params.after}`,
      { headers: { authorization: `Bearer ${accessToken}` } },
    );
    if (response.status !== 200) throw new Error(`readPage answered ${response.status}`);
    return decode(logPage, new Uint8Array(await response.arrayBuffer()));
  }

  /** Auth revokes; `published` false: the notice is lost. */
  revoke(
    entry: Pick<Revocation, 'kind' | 'user' | 'device' | 'session'>,
    params: { readonly published: boolean } = { published: true },
  ): void {
    const full: Revocation = { ...entry, order: this.revocations.length + 1, atMs: this.nowMs };
    this.revocations.push(full);
    if (params.published) this.nats.publish(subjects.revoked, encode(revocation, full));
  }

  private async post(
    store: RunningService,
    params: { readonly path: string; readonly by: MemberDevice; readonly body: Uint8Array<ArrayBuffer> },
  ): Promise<Response> {
    const { accessToken } = await this.token(params.by);
    return fetch(`${store.url}${params.path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': binaryMediaType },
      body: params.body,
    });
  }
}

export function newMember(user: UserId = newId<UserId>()): MemberDevice {
  return { user, device: newId<DeviceId>() };
}

export function bundle(params: Partial<CommitBundle> & Pick<CommitBundle, 'devices'>): CommitBundle {
  const bytes = Buffer.from('opaque');
  return {
    envelope: newId<EnvelopeId>(),
    kind: 'commit',
    commitSeq: 0,
    commit: bytes,
    groupInfo: bytes,
    welcome: new Uint8Array(0),
    ...params,
  };
}

export function appendFrame(params: {
  readonly conversation: ConversationId;
  readonly request?: number;
  readonly envelope?: EnvelopeId;
  readonly commitSeq?: number;
  readonly ciphertext?: Uint8Array;
}): Extract<ClientFrame, { readonly type: 'append' }> {
  return {
    type: 'append',
    request: 1,
    envelope: newId<EnvelopeId>(),
    commitSeq: 1,
    ciphertext: Buffer.from('ciphertext'),
    ...params,
  };
}

async function startTokenKeys(): Promise<{
  readonly url: string;
  readonly privateKey: CryptoKey;
  readonly close: () => void;
}> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const body = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' }],
  });
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, privateKey, close: () => server.close() };
}
