/**
 * What a tab hosts: the client, or the want of one.
 *
 * locked → (unlock) → empty → (register, recover) → open → (sign out, delete the account) → empty
 *
 * Going from one to the next is one after another, whoever asks: two tabs may, at once. Asked again after it was done,
 * it is done.
 */
import type { ClientOptions } from '../client-ports.js';
import { CipherChat } from '../client.js';
import { isUnfinished, NoProfileError } from '../enter.js';
import type { ConnectionState } from '../events.js';
import type { RecoveryRequest } from '../recovery/recover.js';
import type { Registration } from '../registration.js';
import type { SignedOut } from '../sign-out.js';
import { HaltedError } from '../state/steps.js';
import { StoreLockedError, type LockHint, type StoreLock } from '../store/store.js';
import type { Hosted } from './host-client.js';
import { calls, told, type ClientCalls, type ClientStatus } from './hosted-client.js';

/** What a client stands on; `secret` is handed on to the store (`openIndexedDbStore`). */
export type MakeOptions = (secret?: Uint8Array) => Promise<ClientOptions>;

type Held =
  | { readonly kind: 'locked'; readonly error: StoreLockedError; readonly lock: LockHint }
  | { readonly kind: 'empty'; readonly options: ClientOptions }
  | {
      readonly kind: 'open';
      readonly options: ClientOptions;
      readonly client: CipherChat;
      /** The front of it is there before: what a tab shows first. */
      readonly whole: Promise<void>;
    }
  /** The person signed out; the server is being told. */
  | { readonly kind: 'left' };

type Named<Name extends keyof ClientCalls> = ClientCalls[Name]['params'];

/** Opens the store, and the client where it holds an account; without one, `register` or `recover` makes it. */
export async function openHosted(makeOptions: MakeOptions): Promise<Hosted> {
  return new HostedClient(makeOptions, await hold(() => makeOptions()));
}

async function hold(makeOptions: () => Promise<ClientOptions>): Promise<Held> {
  try {
    return await openIn(await makeOptions());
  } catch (error) {
    if (!(error instanceof StoreLockedError) || error.hint === null || error.reason !== 'locked') throw error;
    return { kind: 'locked', error, lock: error.hint };
  }
}

async function openIn(options: ClientOptions): Promise<Held> {
  try {
    return { kind: 'open', options, ...(await CipherChat.openFront(options)) };
  } catch (error) {
    // Begun and not answered, or refused: whoever asks for the same goes on with it.
    if (error instanceof NoProfileError || (await isUnfinished(options.store)))
      return { kind: 'empty', options };
    await options.store.close();
    throw error;
  }
}

class HostedClient implements Hosted {
  readonly ended: Promise<void>;
  private end: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  private listener: (event: unknown) => void = () => undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly makeOptions: MakeOptions,
    private held: Held,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    this.adopt(held);
  }

  listen(listener: (event: unknown) => void): void {
    this.listener = listener;
  }

  async call(name: string, params: unknown): Promise<unknown> {
    switch (name) {
      case 'status':
        // A page that was told of the sign-out asks, and goes: its worker must have erased everything by then.
        return this.isLeaving() ? this.inTurn(async () => this.status()) : this.status();
      case 'register':
        return this.inTurn(() => this.register(params as Registration));
      case 'recover':
        return this.inTurn(() => this.recover(params as RecoveryRequest));
      case 'signOut':
        return this.inTurn(() => this.signOut());
      case 'deleteAccount':
        return this.inTurn(() => this.deleteAccount());
      case 'unlock':
        return this.inTurn(() => this.unlock(params as Named<'unlock'>));
      case 'lockStore':
        return this.inTurn(() => this.changeLock((lock) => lock.set(params as Named<'lockStore'>)));
      case 'removeLock':
        return this.inTurn(() => this.changeLock((lock) => lock.remove()));
    }
    const { held } = this;
    if (held.kind === 'locked') throw held.error;
    if (held.kind !== 'open') throw new NoProfileError();
    if (!Object.hasOwn(calls, name)) throw new RangeError(`there is no call ${name}`);
    try {
      if (!isInFront(held.client, { name, params })) await held.whole.catch(halted);
      return await calls[name as keyof typeof calls](held.client, params as never);
    } catch (error) {
      // The account left while this was under way: no other host will answer it.
      if (error instanceof HaltedError) await this.turn;
      throw error instanceof HaltedError && this.held !== held ? new NoProfileError() : error;
    }
  }

  async close(): Promise<void> {
    this.end();
    const { held } = this;
    if (held.kind === 'open') await held.client.close();
    if (held.kind === 'empty') await held.options.store.close();
  }

  private status(): ClientStatus {
    const { held } = this;
    if (held.kind === 'locked') return { kind: 'locked', lock: held.lock };
    if (held.kind !== 'open') return { kind: 'empty' };
    const { client, options } = held;
    const { lock } = options.store;
    return {
      kind: 'open',
      self: client.self,
      connection: client.connection,
      recovery: client.recovery.state,
      storeLock: lock === undefined ? 'impossible' : lock.hint() === null ? 'none' : 'set',
    };
  }

  private isLeaving(): boolean {
    const { held } = this;
    if (held.kind !== 'open') return held.kind === 'left';
    const { connection } = held.client;
    return connection.kind === 'stopped' && connection.reason === 'signed-out';
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async register(registration: Registration): Promise<ClientStatus> {
    return this.enter((options) => CipherChat.register({ ...options, ...registration }));
  }

  private async recover(request: RecoveryRequest): Promise<ClientStatus> {
    return this.enter((options) => CipherChat.recover({ ...options, ...request }));
  }

  private async enter(make: (options: ClientOptions) => Promise<CipherChat>): Promise<ClientStatus> {
    if (this.held.kind === 'locked') throw this.held.error;
    if (this.held.kind === 'empty') {
      const { options } = this.held;
      this.adopt({ kind: 'open', options, client: await make(options), whole: Promise.resolve() });
    }
    return this.status();
  }

  private async unlock({ secret }: Named<'unlock'>): Promise<ClientStatus> {
    if (this.held.kind === 'locked') this.adopt(await openIn(await this.makeOptions(secret)));
    return this.status();
  }

  private async changeLock(change: (lock: StoreLock) => Promise<void>): Promise<ClientStatus> {
    const { held } = this;
    if (held.kind === 'locked') throw held.error;
    const lock = held.kind === 'left' ? undefined : held.options.store.lock;
    if (lock === undefined) throw new RangeError('this store cannot be locked');
    await change(lock);
    return this.status();
  }

  private async signOut(): Promise<SignedOut> {
    const { held } = this;
    if (held.kind === 'locked') {
      // Nobody can open it here: what would tell the server is locked in.
      await held.error.erase();
      this.adopt(await hold(() => this.makeOptions()));
    }
    if (held.kind !== 'open') return { server: 'not-told' };
    // Gone at once: while the server is told, nothing is asked of the client any more.
    this.held = { kind: 'left' };
    return this.leave(() => held.client.signOut());
  }

  private async deleteAccount(): Promise<void> {
    const { held } = this;
    if (held.kind === 'locked') throw held.error;
    if (held.kind === 'open') await this.leave(() => held.client.deleteAccount());
  }

  private async leave<Result>(leave: () => Promise<Result>): Promise<Result> {
    try {
      const result = await leave();
      this.adopt(await hold(() => this.makeOptions()));
      return result;
    } catch (error) {
      // Whoever opens the store next finds what is left of it.
      if (this.held.kind === 'left') this.end();
      throw error;
    }
  }

  private adopt(held: Held): void {
    this.held = held;
    if (held.kind !== 'open') return;
    this.watch(held.client);
    held.whole.catch((error: unknown) => {
      // Else the person left meanwhile: of nothing there is no whole.
      if (this.held === held) this.fail(error);
    });
  }

  private watch(client: CipherChat): void {
    for (const name of told) client.on(name, (data) => this.listener({ type: name, data }));
    const noteState = (state: ConnectionState): void => {
      if (state.kind === 'stopped' && isOfStore(state.reason)) this.end();
    };
    client.on('connection', noteState);
    noteState(client.connection);
  }
}

/** What is read of conversations that are there before the whole is. */
function isInFront(
  client: CipherChat,
  { name, params }: { readonly name: string; readonly params: unknown },
): boolean {
  if (name === 'front' || name === 'people') return true;
  if (name !== 'page' && name !== 'draft') return false;
  const { conversation } = params as Named<'draft'>;
  return client.front().some(({ id }) => id === conversation);
}

/** Whoever opens the store next answers what waits. */
function halted(): never {
  throw new HaltedError('storage-failed');
}

/** Whoever opens the store next goes on. */
function isOfStore(reason: string): boolean {
  return reason === 'superseded' || reason === 'storage-failed' || reason === 'closed';
}
