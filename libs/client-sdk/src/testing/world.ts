/** Real services and real clients: `const ana = await world.user('ana')`. Node only; for integration tests. */
import { createOpenMlsEngine, loadMls, type MlsEngine } from '@cipherchat/crypto';
import type { ConversationId, UserId } from '@cipherchat/protocol';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '@cipherchat/test-kit';
import { CipherChat } from '../client.js';
import type { ClientOptions } from '../client-ports.js';
import { NetworkError, fetchHttp, type Http } from '../ports/http.js';
import { webSocketPort, type OpenSocket, type SocketPort } from '../ports/socket.js';
import { openSqliteStore } from '../store/sqlite-store.js';
import type { Message } from '../views.js';
import { startServices, type RunningServices } from './services.js';

const pollMs = 20;
const deadlineMs = 20_000;

export class World {
  private readonly users: WorldUser[] = [];

  private constructor(
    readonly services: RunningServices,
    readonly folder: TemporaryFolder,
    readonly engine: MlsEngine,
  ) {}

  static async start(): Promise<World> {
    return new World(await startServices(), temporaryFolder('clients'), createOpenMlsEngine(await loadMls()));
  }

  /** A person with one device on a SQLite file. The name gets a random ending: worlds are cheap, names are not. */
  async user(name: string): Promise<WorldUser> {
    const user = new WorldUser(this, `${name}-${randomBytes(4).toString('hex')}`);
    await user.register();
    this.users.push(user);
    return user;
  }

  /** The same person on another machine, who has nothing but their recovery key. */
  async recovered(person: WorldUser, recoveryKey: string): Promise<WorldUser> {
    const file = `${person.username}-${randomBytes(4).toString('hex')}`;
    const user = new WorldUser(this, person.username, file);
    await user.recover(recoveryKey);
    this.users.push(user);
    return user;
  }

  async stop(): Promise<void> {
    await Promise.all(this.users.map((user) => user.stop()));
    await this.services.stop();
    this.folder.remove();
  }
}

export class WorldUser {
  readonly faults: unknown[] = [];
  readonly told: Message[] = [];
  private running: CipherChat | null = null;
  private hasNetwork = true;
  private readonly sockets = new Set<OpenSocket>();

  constructor(
    private readonly world: World,
    readonly username: string,
    private readonly file: string = username,
  ) {}

  get client(): CipherChat {
    if (this.running === null) throw new Error(`${this.username} is not running`);
    return this.running;
  }

  get user(): UserId {
    return this.client.self.user;
  }

  async register(): Promise<void> {
    this.adopt(
      await CipherChat.register({
        ...this.options(),
        serverUrl: this.world.services.serverUrl,
        username: this.username,
      }),
    );
    await this.live();
  }

  async recover(recoveryKey: string): Promise<void> {
    const { serverUrl } = this.world.services;
    this.adopt(
      await CipherChat.recover({ ...this.options(), serverUrl, username: this.username, recoveryKey }),
    );
    await this.live();
  }

  async live(): Promise<void> {
    await until(`${this.username} is live`, () => this.client.connection.kind === 'live');
  }

  /** The program ends and starts again on its file. */
  async restart(): Promise<void> {
    await this.stop();
    this.adopt(await CipherChat.open(this.options()));
  }

  /** A second program opens the same file while the first still runs. */
  async openAgain(): Promise<void> {
    this.adopt(await CipherChat.open(this.options()));
  }

  async stop(): Promise<void> {
    const client = this.running;
    this.running = null;
    await client?.close();
  }

  goOffline(): void {
    this.hasNetwork = false;
    for (const socket of this.sockets) socket.close();
  }

  goOnline(): void {
    this.hasNetwork = true;
    this.running?.connectNow();
  }

  async texts(conversation: ConversationId): Promise<readonly string[]> {
    if (!this.client.conversations().some(({ id }) => id === conversation)) return [];
    const messages = await this.client.conversation(conversation).messages({ limit: 500 });
    return messages.flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []));
  }

  options(): ClientOptions {
    const http: Http = (request) =>
      this.hasNetwork ? fetchHttp(request) : Promise.reject(new NetworkError());
    const socket: SocketPort = {
      open: (params) => {
        const opened = this.hasNetwork ? webSocketPort.open(params) : refuse(params.listener.closed);
        this.sockets.add(opened);
        return opened;
      },
    };
    const store = openSqliteStore({ file: path.join(this.world.folder.path, `${this.file}.db`) });
    return { store, engine: this.world.engine, http, socket };
  }

  private adopt(client: CipherChat): void {
    this.running = client;
    client.on('fault', (fault) => this.faults.push(fault));
    client.on('message', (message) => this.told.push(message));
    client.on('conversation', ({ id, standing }) => {
      if (standing === 'request') void client.accept(id);
    });
  }
}

function refuse(closed: (code: number) => void): OpenSocket {
  queueMicrotask(() => closed(1006));
  return { send: () => undefined, close: () => undefined };
}

/** Polls until the condition holds. @throws Error that says what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = deadlineMs,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
