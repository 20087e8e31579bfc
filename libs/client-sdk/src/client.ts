/** The client as applications use it. */
import type { ConversationId, UserId } from '@cipherchat/protocol';
import { Account } from './account.js';
import type { ClientOptions } from './client-ports.js';
import { AccessEndedError } from './connection/session.js';
import { Conversation } from './conversation.js';
import { beginConversation, type WantedConversation } from './conversations/begin-conversation.js';
import { listConversations, listFront } from './conversations/list-conversations.js';
import { openAccount, openFront, recoverAccount, registerAccount } from './enter.js';
import type { ClientEventName, ClientEvents, ConnectionState } from './events.js';
import { exportRecords, type ExportRecord } from './export.js';
import { safetyNumbers, settleAccountKey, type SafetyNumber } from './keys/account-keys.js';
import { ContactList } from './people/contact-list.js';
import { presenceSetting } from './people/presence.js';
import type { DeclinedPerson } from './people/requests.js';
import type { RecoveryRequest } from './recovery/recover.js';
import type { Recovery } from './recovery/recovery-key.js';
import type { Registration } from './registration.js';
import type { Runtime } from './runtime.js';
import { searchMessages, type SearchPage, type SearchQuery } from './search/search.js';
import { signOut, type SignedOut } from './sign-out.js';
import type { ConversationInfo } from './views.js';

/**
 * A client of one device of one account. It connects by itself, and keeps at it, until `close`.
 *
 * Everything that it is asked to do is stored before it is done, so every call works without a network, and what
 * was called survives a restart.
 */
export class CipherChat {
  private constructor(private readonly runtime: Runtime) {}

  /**
   * Opens the account that the store holds, and begins to connect. Whoever had the store open before is
   * superseded: its connection stops with `superseded`.
   * @throws NoProfileError when the store is empty.
   */
  static async open(options: ClientOptions): Promise<CipherChat> {
    return CipherChat.started(await openAccount(options));
  }

  /**
   * Opens it for who shows it at once: until `whole`, only `front`, what people are called and the messages of those
   * conversations are there to be read. How soon that is does not depend on how many conversations there are.
   * @throws NoProfileError when the store is empty.
   */
  static async openFront(
    options: ClientOptions,
  ): Promise<{ readonly client: CipherChat; readonly whole: Promise<void> }> {
    const { runtime, whole } = await openFront(options);
    return { client: new CipherChat(runtime), whole: whole.then(() => begin(runtime)) };
  }

  /**
   * Makes an account with this device as its first, in an empty store, and begins to connect.
   * Called again after a failure without an answer, it goes on with the same account.
   * @throws ProblemError `directory/username-taken`, `auth/registration-closed`, `auth/invite-invalid`, …
   * @throws NetworkError when the server did not answer.
   * @throws ProfileExistsError when the store holds an account.
   */
  static async register(options: ClientOptions & Registration): Promise<CipherChat> {
    return CipherChat.started(await registerAccount(options));
  }

  /**
   * Makes a new device, in an empty store, for an account of which there is none left, and begins to connect. It joins
   * the account's conversations by itself, without what was said before, and then removes the devices that were lost.
   * Called again after a failure without an answer, it goes on with the same device.
   * @throws RecoveryRefusedError for a key that is mistyped, of another account, or not what the server's record is sealed with.
   * @throws ProblemError `auth/user-disabled`, `auth/too-many-devices`, …
   * @throws NetworkError when the server did not answer.
   * @throws ProfileExistsError when the store holds an account.
   */
  static async recover(options: ClientOptions & RecoveryRequest): Promise<CipherChat> {
    return CipherChat.started(await recoverAccount(options));
  }

  /** Who this is. */
  get self() {
    const { user, device, username, serverUrl } = this.runtime.memory.profile;
    return { user, device, username, serverUrl, role: this.runtime.memory.session?.role ?? 'member' };
  }

  /** Devices, sessions, and what administrators do. */
  get account(): Account {
    return new Account(this.runtime);
  }

  /** The recovery key: made, checked, and whether there is one. */
  get recovery(): Pick<Recovery, 'state' | 'newKey' | 'confirm'> {
    return this.runtime.recovery;
  }

  /** Invites, and what else concerns people and no conversation. */
  get contacts(): ContactList {
    return new ContactList(this.runtime);
  }

  /** How the connection stands now; the `connection` event tells each change. */
  get connection(): ConnectionState {
    return this.runtime.connection.state;
  }

  /** Calls `listener` for each event of this name; returns what ends that. */
  on<Name extends ClientEventName>(name: Name, listener: (data: ClientEvents[Name]) => void): () => void {
    return this.runtime.emitter.on(name, listener);
  }

  /** All conversations, newest activity first, requests among them, but those with somebody who is blocked, or that were declined. */
  conversations(): readonly ConversationInfo[] {
    return listConversations(this.runtime.memory);
  }

  /** Those of them that a list begins with: the 30 newest, and the 10 newest requests. */
  front(): readonly ConversationInfo[] {
    return listFront(this.runtime.memory);
  }

  /** A handle to a conversation; it follows when another takes its place. */
  conversation(id: ConversationId): Conversation {
    return new Conversation(this.runtime, id);
  }

  /**
   * The 1:1 conversation with a person: the one there is, or a new one. Made on the server when there is a connection;
   * what is sent to it before waits.
   */
  direct(user: UserId): Promise<Conversation> {
    return this.begin({ kind: 'direct', users: [user], peer: user });
  }

  /**
   * A new group with these people and oneself. With an id that there is, it is that one: for callers that may not have
   * heard the answer.
   */
  async group(params: {
    readonly users: readonly UserId[];
    readonly name?: string;
    readonly id?: ConversationId;
  }): Promise<Conversation> {
    const { users, name, id } = params;
    const others = [...new Set(users)].filter((user) => user !== this.runtime.memory.profile.user);
    const conversation = await this.begin({
      kind: 'group',
      users: others,
      peer: null,
      ...(id === undefined ? {} : { id }),
    });
    if (name !== undefined && conversation.info.name !== name) await conversation.rename(name);
    return conversation;
  }

  /**
   * Messages of this device whose words begin as those of the query do, newest first: of one conversation or of all. What
   * it costs is bounded, so that a page may hold less than there is; `next` tells. @throws CallRefusedError `unknown-conversation`
   */
  search(query: SearchQuery): Promise<SearchPage> {
    const { conversation } = query;
    if (conversation === undefined) return searchMessages(this.runtime, query);
    return searchMessages(this.runtime, { ...query, conversation: this.conversation(conversation).id });
  }

  /** Takes a request; what was accepted already stays so. @throws CallRefusedError `unknown-conversation`, `not-a-request` */
  accept(conversation: ConversationId): Promise<void> {
    return this.runtime.requests.accept(this.conversation(conversation).id);
  }

  /**
   * Turns a request down, without a word to who made it: its messages go from this device, and a group is left. Of a 1:1
   * it is a request again when the other writes anew, unless they are blocked as well.
   * @throws CallRefusedError `unknown-conversation`, `not-a-request`; TooManyBlocksError
   */
  decline(params: { readonly conversation: ConversationId; readonly block: DeclinedPerson }): Promise<void> {
    return this.runtime.requests.decline(this.conversation(params.conversation).id, params.block);
  }

  /** The person with this username, exactly spelled. @throws ProblemError `directory/user-unknown`; NetworkError */
  findUser(username: string): Promise<{ readonly user: UserId; readonly username: string }> {
    return this.runtime.contacts.findByUsername(username);
  }

  /** Usernames of people, from the store where they are known. @throws NetworkError, ProblemError */
  usernames(users: readonly UserId[]): Promise<ReadonlyMap<UserId, string>> {
    return this.runtime.contacts.usernames(users);
  }

  /** The safety number with a person; the same on both sides when no one stands between. @throws NetworkError, ProblemError when their key was never seen and cannot be fetched. */
  async safetyNumber(user: UserId): Promise<SafetyNumber> {
    return (await safetyNumbers(this.runtime.leafCheck, user)).known;
  }

  /**
   * The safety number with another account key that the server has named for a person since theirs was seen first;
   * `null` when it has named none. Nothing is sent to them until `settleAccountKey`. @throws NetworkError, ProblemError
   */
  async offeredSafetyNumber(user: UserId): Promise<SafetyNumber | null> {
    return (await safetyNumbers(this.runtime.leafCheck, user)).offered;
  }

  /**
   * Ends an `account-key-changed` alarm by the digits that were compared with the person: of the offered safety number
   * (they began anew: it is their key from now on, and devices that it does not name are removed from conversations) or
   * of the known one (somebody gave us another key: ours stays). Sending goes on. Returns which it was.
   * @throws SafetyNumberDiffersError when they are of neither; nothing was changed.
   */
  settleAccountKey(params: { readonly user: UserId; readonly digits: string }): Promise<'known' | 'offered'> {
    return settleAccountKey(this.runtime.leafCheck, params);
  }

  /** Whether others are told what this person has seen; `sent` at first. */
  get readMarks(): 'sent' | 'kept' {
    return this.runtime.memory.device.readMarks;
  }

  setReadMarks(readMarks: 'sent' | 'kept'): Promise<void> {
    return this.runtime.signals.setReadMarks(readMarks);
  }

  /**
   * Whether the server's operators are told how much this device could not read: counts by cause, once a minute at
   * most, and nothing of where or of whom; `sent` at first.
   */
  get failureReports(): 'sent' | 'kept' {
    return this.runtime.memory.device.failureReports;
  }

  setFailureReports(failureReports: 'sent' | 'kept'): Promise<void> {
    return this.runtime.failureReports.set(failureReports);
  }

  /** Whether contacts who share it, too, are told that this person is there; `kept` at first. */
  get presence(): 'kept' | 'shared' {
    return presenceSetting(this.runtime.memory);
  }

  /** Told, encrypted, with the profile. Works without a network. What was known of others goes with `kept`. */
  async setPresence(presence: 'kept' | 'shared'): Promise<void> {
    await this.runtime.signals.presence.set(presence);
    this.runtime.outbox.wakeToGive();
  }

  /** The person is active here now: told for two minutes, where presence is shared. To be called again and again. */
  noteActivity(): void {
    this.runtime.signals.presence.noteActivity();
  }

  /** Everything this device can read, in plaintext: the account, then each conversation with its messages, oldest first. No keys. */
  export(): AsyncGenerator<ExportRecord> {
    return exportRecords(this.runtime);
  }

  /** The network is back: try to connect at once instead of at the end of the wait. */
  connectNow(): void {
    this.runtime.connection.hurry();
  }

  /** An access token for calls that this library does not make (an administrator's). @throws NetworkError, AccessEndedError */
  accessToken(): Promise<string> {
    return this.runtime.session.accessToken();
  }

  /** Disconnects, lets what is being written finish, and closes the store. What waits is carried out after the next `open`. */
  close(): Promise<void> {
    return this.runtime.close();
  }

  /**
   * Everything of the account goes from this device, at once and also without a network, and the client has ended. Then
   * the server is told, for a few seconds: where the account has other devices, this one is removed from it; the last one
   * stays, so that its person comes back to their conversations by the recovery key. Without one, the account is lost.
   */
  signOut(): Promise<SignedOut> {
    return signOut(this.runtime);
  }

  /** Deletes the account at the server, then all of it here. It cannot be undone. @throws NetworkError, ProblemError: nothing was deleted */
  async deleteAccount(): Promise<void> {
    await this.account.delete().catch((error: unknown) => {
      // It was deleted before, and its answer did not come.
      const isGone = error instanceof AccessEndedError && error.reason !== 'user-disabled';
      if (!isGone) throw error;
    });
    await this.runtime.erase();
  }

  private static started(runtime: Runtime): CipherChat {
    begin(runtime);
    return new CipherChat(runtime);
  }

  private async begin(wanted: WantedConversation): Promise<Conversation> {
    return this.conversation(await beginConversation(this.runtime, wanted));
  }
}

function begin({ connection, inBackground, requests }: Runtime): void {
  connection.start();
  inBackground('declined', () => requests.forgetDeclined());
}
