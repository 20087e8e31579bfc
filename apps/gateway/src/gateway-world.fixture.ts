/**
 * A world for the stories: gateways and message-stores as they run in production, on real NATS, Postgres and Redis of
 * the story's own, and clients that are bare `ws` sockets. What auth does (token keys, revocations) is played here.
 */
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
  encode,
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
  type CommitBundle,
  type ConversationId,
  type LogPage,
  type MemberDevice,
  type Revocation,
  type SessionId,
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
import { messageStore } from '@cipherchat/message-store/service';
import { gateway } from './gateway.js';
import { SocketClient } from './socket-client.fixture.js';
import { bundle, newId } from './story-values.fixture.js';

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

  store(environment: Environment = {}): Promise<RunningService> {
    return this.serve(messageStore, {
      SERVICE_INSTANCE: `store-${this.services.length}`,
      DATABASE_URL: this.database.url('message-store'),
      ...environment,
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
  ): Promise<SocketClient> {
    const { protocols = [subprotocol], ...rest } = options;
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}${socketPath}`, [...protocols], rest);
    this.sockets.push(socket);
    const client = new SocketClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** A socket that is ready. */
  async connect(service: RunningService, member: MemberDevice, session?: SessionId): Promise<SocketClient> {
    const client = await this.open(service);
    const { accessToken } = await this.token(member, session);
    client.send({ type: 'authenticate', token: accessToken });
    await client.take('ready');
    return client;
  }

  /** Connected, and past the `live` marker. */
  async online(service: RunningService, member: MemberDevice): Promise<SocketClient> {
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
