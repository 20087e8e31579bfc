/**
 * People with clients over the model of the services, in virtual time. All of the client is real but the
 * engine, whose ciphertext is JSON; the crash of a client leaves what its store has written.
 */
import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { CipherSuite, MlsEngine } from '@cipherchat/crypto';
import { CipherChat } from '../client.js';
import type { ClientOptions } from '../client-ports.js';
import type { ClientEventName, ClientEvents } from '../events.js';
import type { RecoveryRequest } from '../recovery/recover.js';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../store/memory-store.js';
import type { StepProbe } from '../state/steps.js';
import type { Message } from '../views.js';
import { createFakeEngine } from './fake-engine.js';
import { FakeUniverse } from './fake-universe.js';
import { ModelNetwork } from './model-network.js';
import { seededRandom, VirtualClock } from './virtual-clock.js';

export class ModelWorld {
  readonly clock = new VirtualClock();
  readonly universe = new FakeUniverse();
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly network: ModelNetwork;
  readonly engine: MlsEngine | null;
  readonly suite: CipherSuite | undefined;

  /** `engine`: shared by all people; by default each has a fake one. */
  constructor(params: {
    readonly seed: number;
    readonly engine?: MlsEngine | undefined;
    readonly suite?: CipherSuite | undefined;
  }) {
    this.random = seededRandom(params.seed);
    this.engine = params.engine ?? null;
    this.suite = params.suite;
    this.network = new ModelNetwork({ clock: this.clock, random: this.random, universe: this.universe });
  }

  /** A registered person whose client connects. */
  async person(username: string, requests: 'accepted' | 'kept' = 'accepted'): Promise<ModelPerson> {
    const person = new ModelPerson(this, username, requests);
    await person.begin();
    return person;
  }

  /** Waits for a promise while virtual time goes on. */
  async waitFor<Value>(promise: Promise<Value>, limitMs = 120_000): Promise<Value> {
    let outcome: { readonly value: Value } | { readonly error: unknown } | null = null;
    promise.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    await this.clock.runUntil(() => outcome !== null, limitMs);
    const settled = outcome as unknown as { readonly value: Value } | { readonly error: unknown };
    if ('error' in settled) throw settled.error;
    return settled.value;
  }
}

/** A person, their disk, and the client that runs on it now. */
export class ModelPerson {
  readonly disk: MemoryDisk = createMemoryDisk();
  readonly faults: unknown[] = [];
  /** By conversation, in the order in which they were told: each message once. */
  readonly told: Message[] = [];
  private running: CipherChat | null = null;
  private mourners: Array<() => void> = [];
  private readonly engine: MlsEngine;
  probe: StepProbe = () => undefined;
  /** How far this person's clock is off; timers run on, as they do. */
  clockOffsetMs = 0;
  /** One for each start: a crashed client's timers and frames are not its successor's. */
  private life: object = {};

  constructor(
    private readonly world: ModelWorld,
    readonly username: string,
    /** `accepted`: as soon as they come, for stories that are about something else. */
    private readonly requests: 'accepted' | 'kept' = 'accepted',
  ) {
    this.engine = world.engine ?? createFakeEngine({ universe: world.universe, random: world.random });
  }

  get client(): CipherChat {
    if (this.running === null) throw new Error(`${this.username} is not running`);
    return this.running;
  }

  get isRunning(): boolean {
    return this.running !== null;
  }

  get user(): UserId {
    return this.client.self.user;
  }

  async begin(): Promise<void> {
    const options = this.options();
    const client = await this.world.waitFor(
      CipherChat.register({
        ...options,
        serverUrl: 'http://model.test',
        username: this.username,
        ...(this.world.suite === undefined ? {} : { suite: this.world.suite }),
      }),
    );
    this.adopt(client);
  }

  /** Comes back to the account on this disk, as who has lost all others. */
  async recover(request: Pick<RecoveryRequest, 'recoveryKey' | 'lost'>): Promise<void> {
    this.life = {};
    const { suite } = this.world;
    const client = await this.world.waitFor(
      CipherChat.recover({
        ...this.options(),
        ...request,
        serverUrl: 'http://model.test',
        username: this.username,
        ...(suite === undefined ? {} : { suite }),
      }),
    );
    this.adopt(client);
  }

  /** The process dies now: nothing more of it happens, and only what was written is left. */
  crash(): void {
    this.world.network.cutOff(this.life);
    this.isDead(this.life);
    this.running = null;
    for (const listener of this.mourners) listener();
    this.mourners = [];
  }

  /** Starts again on what the disk holds; once more where that is the death of it. */
  async restart(): Promise<void> {
    for (let client: CipherChat | null = null; client === null;) {
      this.life = {};
      const death = new Promise<null>((resolve) => this.whenDead(() => resolve(null)));
      client = await this.world.waitFor(Promise.race([CipherChat.open(this.options()), death]));
      if (client !== null) this.adopt(client);
    }
  }

  /** Called once, when the process dies the next time. */
  whenDead(listener: () => void): void {
    this.mourners.push(listener);
  }

  goOffline(): void {
    this.world.network.cutOff(this.life);
  }

  goOnline(): void {
    this.world.network.restore(this.life);
    this.client.connectNow();
  }

  /** The network swallows what passes between the client's socket and the server; requests by HTTP arrive. */
  loseSocket(): void {
    this.world.network.silence(this.life);
  }

  /** The server hears nothing that the client asks by HTTP, and the client waits. */
  loseRequests(): void {
    this.world.network.swallow(this.life);
  }

  on<Name extends ClientEventName>(name: Name, listener: (data: ClientEvents[Name]) => void): void {
    this.client.on(name, listener);
  }

  /** The texts of a conversation as a person reads them. */
  async texts(conversation: ConversationId): Promise<readonly string[]> {
    const messages = await this.client.conversation(conversation).messages({ limit: 500 });
    return messages.flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []));
  }

  /** What stands there besides texts. */
  async marks(conversation: ConversationId): Promise<readonly string[]> {
    const messages = await this.client.conversation(conversation).messages({ limit: 500 });
    return messages.flatMap(({ body }) => (body.kind === 'gap' ? [`${body.reason} ${body.count}`] : []));
  }

  private options(): ClientOptions {
    const { life, world } = this;
    const dead = this.dead;
    const { http, socket } = world.network.portsFor(life);
    const disk = this.disk;
    const store = createMemoryStore(disk);
    return {
      engine: this.engine,
      random: world.random,
      http,
      socket,
      // A dead process sets no timers, and its timers do not fire.
      clock: {
        nowMs: () => world.clock.nowMs() + this.clockOffsetMs,
        setTimer: (callback, delayMs) =>
          dead.has(life)
            ? () => undefined
            : world.clock.setTimer(() => (dead.has(life) ? undefined : callback()), delayMs),
      },
      store: {
        ...store,
        write: (batch) => (dead.has(life) ? new Promise<never>(() => undefined) : store.write(batch)),
      },
      probe: async (at) => {
        if (dead.has(life)) await new Promise<never>(() => undefined);
        await this.probe(at);
        if (dead.has(life)) await new Promise<never>(() => undefined);
      },
    };
  }

  private readonly dead = new WeakSet<object>();

  private isDead(life: object): void {
    this.dead.add(life);
  }

  private adopt(client: CipherChat): void {
    this.running = client;
    client.on('fault', ({ during, error }) => this.faults.push({ during, error }));
    client.on('message', (message) => this.told.push(message));
    if (this.requests === 'kept') return;
    client.on('conversation', ({ id, standing }) => {
      if (standing === 'request') void client.accept(id);
    });
  }
}
