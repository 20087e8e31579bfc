/**
 * What this tab knows of the client that one of the tabs hosts, as values that views follow.
 *
 * The client is the truth: this keeps no state of its own but what is on the screen, and reads it anew from each host.
 */
import {
  browserChannel,
  forgetAccount,
  noteStatus,
  TabView,
  type ClientCalls,
  type ClientStatus,
  type LockPasskey,
  type ShownStatus,
} from '@cipherchat/client-sdk/tabs';
import { systemClock } from '@cipherchat/client-sdk';
import { ConversationList } from './conversation-list.js';
import type { ToldEvent } from './events.js';
import { Histories } from './histories.js';
import { tabs } from './names.js';
import { Notices } from './notices.js';
import { People } from './people.js';
import { Search } from './search.js';
import { Typing } from './typing.js';
import { Watched } from './watched.js';

/** How far the app has come. */
export type SessionStatus =
  | { readonly kind: 'opening' }
  /** No tab can open the client; it is tried again and again. */
  | { readonly kind: 'failed'; readonly error: Error }
  | ShownStatus;

export type Call = TabView<ClientCalls>['call'];

export class Session {
  readonly status = new Watched<SessionStatus>({ kind: 'opening' });
  readonly conversations: ConversationList;
  readonly histories: Histories;
  readonly people: People;
  readonly search: Search;
  readonly notices = new Notices();
  readonly typing = new Typing();
  /** Other readers of events (`notify.ts`). */
  readonly listeners = new Set<(event: ToldEvent) => void>();
  private readonly view: TabView<ClientCalls>;
  /** That this tab has heard of, one after another. */
  private hosts = 0;
  /** What opens the locked store, for as long as this page lives: the next host finds the store locked again. */
  private secret: Uint8Array | null = null;

  constructor() {
    this.view = new TabView<ClientCalls>({
      channel: browserChannel(tabs),
      newId: () => crypto.randomUUID(),
      listeners: {
        host: () => {
          this.hosts += 1;
          void this.readAll();
        },
        event: (event) => this.told(event as ToldEvent),
        failed: (error) => this.status.set({ kind: 'failed', error }),
      },
    });
    this.conversations = new ConversationList(this.call);
    this.histories = new Histories(this.call);
    this.people = new People(this.call);
    this.search = new Search(this.call, systemClock);
  }

  /** Calls the client, wherever it is hosted. */
  readonly call: Call = (name, params) => this.view.call(name, params);

  /** The client cannot be had at all: its engine did not load. */
  failed(error: unknown): void {
    this.status.set({ kind: 'failed', error: error instanceof Error ? error : new Error('unknown') });
  }

  /** Takes over what `register` and its like answered. */
  takeStatus(status: ClientStatus): void {
    this.status.set(noteStatus(status));
    if (status.kind === 'open') void this.conversations.read();
  }

  /** Opens the locked store. @throws StoreLockedError when another passkey answered */
  async unlock(secret: Uint8Array): Promise<void> {
    await this.call('unlock', { secret });
    this.secret = secret;
    await this.readAll();
  }

  /** Locks the store from now on, or no longer. */
  async lock(passkey: LockPasskey | null): Promise<void> {
    const status = await (passkey === null
      ? this.call('removeLock', undefined)
      : this.call('lockStore', passkey));
    this.secret = passkey === null ? null : passkey.secret;
    this.takeStatus(status);
  }

  /**
   * In this tab or another: nothing of the account may stay on the screen. The page goes only when the host has erased
   * everything and told the server, or tried to: the host may be a worker of this page.
   */
  async signedOut(): Promise<void> {
    this.status.set({ kind: 'opening' });
    await this.call('status', undefined).catch(() => undefined);
    forgetAccount();
    // What this tab holds of messages goes with the page.
    location.replace('/');
  }

  private async readAll(): Promise<void> {
    const status = await this.unlocked(await this.call('status', undefined));
    this.status.set(noteStatus(status));
    if (status.kind !== 'open') return;
    await this.conversations.read();
    // All that is here is of this one, and what changed since was told.
    if (this.hosts === 1) return;
    this.histories.readAnew();
    this.people.readAnew();
    this.search.again();
  }

  private async unlocked(status: ClientStatus): Promise<ClientStatus> {
    const { secret } = this;
    if (status.kind !== 'locked' || secret === null) return status;
    try {
      return await this.call('unlock', { secret });
    } catch {
      // Another tab locked it with another passkey: the person is asked.
      this.secret = null;
      return status;
    }
  }

  private told(event: ToldEvent): void {
    this.apply(event);
    for (const listener of this.listeners) listener(event);
  }

  private apply(event: ToldEvent): void {
    switch (event.type) {
      case 'connection': {
        if (event.data.kind === 'stopped' && event.data.reason === 'signed-out') return void this.signedOut();
        const status = this.status.read();
        if (status.kind === 'open') this.status.set({ ...status, connection: event.data });
        // Another tab unlocked it for all of them.
        if (status.kind === 'locked') void this.readAll();
        return;
      }
      case 'conversation':
        if (event.data.standing === 'declined') {
          this.histories.forget(event.data.id);
          this.search.forget(event.data.id);
        }
        return this.conversations.changed(event.data);
      case 'conversation-replaced':
        this.histories.replaced(event.data);
        this.search.again();
        return this.conversations.replaced(event.data);
      // Who writes there, or looks at a message's details, listens.
      case 'draft':
      case 'receipts':
        return;
      case 'message':
        this.typing.wrote(event.data);
        return this.histories.added(event.data);
      case 'message-changed':
        this.search.changed(event.data);
        return this.histories.changed(event.data);
      case 'message-removed':
        this.search.changed({ id: event.data.message });
        return this.histories.removed(event.data);
      case 'typing':
        return this.typing.told(event.data);
      case 'recovery': {
        const status = this.status.read();
        if (status.kind === 'open') this.status.set({ ...status, recovery: event.data });
        return;
      }
      case 'person':
        return this.people.changed(event.data.user);
      case 'contact':
        // Who is blocked is not found.
        this.search.again();
        return void this.conversations.read();
      case 'alarm':
      case 'action-failed':
        return this.notices.told(event);
    }
  }
}
