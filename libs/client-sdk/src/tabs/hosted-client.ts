/**
 * The client as tabs call it. Each call is one that another host may be asked again: `send` and `group` carry ids that the
 * caller made, `register` and `recover` go on with what the store holds, and the others do nothing where what they ask for is done.
 */
import type { ConversationId, MessageId, UserId } from '@cipherchat/protocol';
import type { ClientOptions } from '../client-ports.js';
import { CipherChat } from '../client.js';
import { isUnfinished, NoProfileError } from '../enter.js';
import type { ClientEventName, ConnectionState } from '../events.js';
import type { DeclinedPerson } from '../people/requests.js';
import type { RecoveryRequest } from '../recovery/recover.js';
import type { RecoveryState } from '../recovery/recovery-key.js';
import type { Registration } from '../registration.js';
import type { SignedOut } from '../sign-out.js';
import type { Hosted } from './host-client.js';

type InConversation = { readonly conversation: ConversationId };
type SentText = { readonly text: string; readonly message: MessageId; readonly replyTo?: MessageId };
type OfUser = { readonly user: UserId };
type OfUsers = { readonly users: readonly UserId[] };

/** Who this is, and how the connection stands. */
export type ClientStatus =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'open';
      readonly self: CipherChat['self'];
      readonly connection: ConnectionState;
      readonly recovery: RecoveryState;
    };
type OfMessage = InConversation & { readonly message: MessageId };
type OfReaction = OfMessage & { readonly emoji: string };

const calls = {
  conversations: (client: CipherChat) => client.conversations(),
  direct: async (client: CipherChat, { user }: OfUser) => (await client.direct(user)).info,
  group: async (
    client: CipherChat,
    params: OfUsers & { readonly id: ConversationId; readonly name?: string },
  ) => (await client.group(params)).info,
  // Taken twice, either is the same.
  accept: (client: CipherChat, { conversation }: InConversation) => client.accept(conversation),
  decline: (client: CipherChat, params: InConversation & { readonly block: DeclinedPerson }) =>
    client.decline(params),
  findUser: (client: CipherChat, { username }: { readonly username: string }) => client.findUser(username),
  usernames: (client: CipherChat, { users }: OfUsers) => client.usernames(users),
  safetyNumber: (client: CipherChat, { user }: OfUser) => client.safetyNumber(user),
  offeredSafetyNumber: (client: CipherChat, { user }: OfUser) => client.offeredSafetyNumber(user),
  settleAccountKey: (client: CipherChat, params: OfUser & { readonly digits: string }) =>
    client.settleAccountKey(params),
  readMarks: (client: CipherChat) => client.readMarks,
  setReadMarks: (client: CipherChat, params: { readonly readMarks: 'sent' | 'kept' }) =>
    client.setReadMarks(params.readMarks),
  connectNow: (client: CipherChat) => client.connectNow(),
  send: (client: CipherChat, { conversation, text, ...params }: InConversation & SentText) =>
    client.conversation(conversation).send(text, params),
  // Each leaves what it wants as it is when it is so already; a text that is set again is the same text.
  react: (client: CipherChat, { conversation, message, emoji }: OfReaction) =>
    client.conversation(conversation).react(message, emoji),
  unreact: (client: CipherChat, { conversation, message, emoji }: OfReaction) =>
    client.conversation(conversation).unreact(message, emoji),
  edit: (client: CipherChat, { conversation, message, text }: OfMessage & { readonly text: string }) =>
    client.conversation(conversation).edit(message, text),
  delete: (client: CipherChat, { conversation, message }: OfMessage) =>
    client.conversation(conversation).delete(message),
  messages: (
    client: CipherChat,
    { conversation, ...page }: InConversation & { readonly before?: string; readonly limit?: number },
  ) => client.conversation(conversation).messages(page),
  members: (client: CipherChat, { conversation }: InConversation) =>
    client.conversation(conversation).members(),
  receipts: (client: CipherChat, { conversation, seq }: InConversation & { readonly seq: number | null }) =>
    client.conversation(conversation).receipts({ seq }),
  rename: (client: CipherChat, { conversation, name }: InConversation & { readonly name: string }) =>
    client.conversation(conversation).rename(name),
  add: (client: CipherChat, { conversation, users }: InConversation & OfUsers) =>
    client.conversation(conversation).add(users),
  remove: (client: CipherChat, { conversation, users }: InConversation & OfUsers) =>
    client.conversation(conversation).remove(users),
  leave: (client: CipherChat, { conversation }: InConversation) => client.conversation(conversation).leave(),
  markRead: (client: CipherChat, { conversation }: InConversation) =>
    client.conversation(conversation).markRead(),
  setTyping: (client: CipherChat, { conversation, typing }: InConversation & { readonly typing: boolean }) =>
    client.conversation(conversation).setTyping(typing),
  inviteLink: (client: CipherChat) => client.contacts.inviteLink(),
  openInvite: (client: CipherChat, { link }: { readonly link: string }) => client.contacts.openInvite(link),
  blocked: (client: CipherChat) => client.contacts.blocked(),
  block: (client: CipherChat, { user }: OfUser) => client.contacts.block(user),
  unblock: (client: CipherChat, { user }: OfUser) => client.contacts.unblock(user),
  contacts: (client: CipherChat) => client.contacts.list(),
  people: (client: CipherChat, { users }: OfUsers) => client.contacts.people(users),
  profile: (client: CipherChat) => client.contacts.profile,
  setProfile: (
    client: CipherChat,
    params: { readonly name: string | null; readonly picture: Uint8Array | null },
  ) => client.contacts.setProfile(params),
  markVerified: (client: CipherChat, params: OfUser & { readonly digits: string }) =>
    client.contacts.markVerified(params),
  unmarkVerified: (client: CipherChat, { user }: OfUser) => client.contacts.unmarkVerified(user),
  compareScanned: (client: CipherChat, params: OfUser & { readonly code: string }) =>
    client.contacts.compareScanned(params),
  devices: (client: CipherChat) => client.account.devices(),
  // Asked again, it is another key: the first was shown to nobody.
  recoveryKey: async (client: CipherChat) => ({ recoveryKey: await client.recovery.newKey() }),
  confirmRecoveryKey: (client: CipherChat, { recoveryKey }: { readonly recoveryKey: string }) =>
    client.recovery.confirm(recoveryKey),
} as const;

type OfClient = {
  readonly [Name in keyof typeof calls]: {
    readonly params: Parameters<(typeof calls)[Name]>[1];
    readonly result: Awaited<ReturnType<(typeof calls)[Name]>>;
  };
};

/** What a tab can call, by name. */
export type ClientCalls = OfClient & {
  readonly status: { readonly params: undefined; readonly result: ClientStatus };
  readonly register: { readonly params: Registration; readonly result: ClientStatus };
  readonly recover: { readonly params: RecoveryRequest; readonly result: ClientStatus };
  /** Nothing of the account is left in this browser; `status` is `empty` afterwards. */
  readonly signOut: { readonly params: undefined; readonly result: SignedOut };
  readonly deleteAccount: { readonly params: undefined; readonly result: undefined };
};

const told: readonly ClientEventName[] = [
  'connection',
  'message',
  'message-changed',
  'conversation',
  'conversation-replaced',
  'typing',
  'contact',
  'person',
  'alarm',
  'recovery',
  'action-failed',
];

/** Opens the store, and the client where it holds an account; without one, `register` makes it. */
export async function openHosted(makeOptions: () => Promise<ClientOptions>): Promise<Hosted> {
  const options = await makeOptions();
  const client = await CipherChat.open(options).catch(async (error: unknown) => {
    // Begun and not answered, or refused: whoever asks for the same goes on with it.
    if (error instanceof NoProfileError || (await isUnfinished(options.store))) return null;
    await options.store.close();
    throw error;
  });
  return new HostedClient(makeOptions, options, client);
}

class HostedClient implements Hosted {
  readonly ended: Promise<void>;
  private end: () => void = () => undefined;
  private listener: (event: unknown) => void = () => undefined;
  /** Accounts come and go one after another. */
  private entering: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly makeOptions: () => Promise<ClientOptions>,
    private options: ClientOptions,
    private client: CipherChat | null,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
    if (client !== null) this.watch(client);
  }

  listen(listener: (event: unknown) => void): void {
    this.listener = listener;
  }

  async call(name: string, params: unknown): Promise<unknown> {
    if (name === 'status') return this.status();
    if (name === 'register')
      return this.enter(() => CipherChat.register({ ...this.options, ...(params as Registration) }));
    if (name === 'recover')
      return this.enter(() => CipherChat.recover({ ...this.options, ...(params as RecoveryRequest) }));
    if (name === 'signOut') return (await this.signOut()) ?? { server: 'not-told' };
    if (name === 'deleteAccount') return this.leave((client) => client.deleteAccount());
    const { client } = this;
    if (client === null) throw new NoProfileError();
    if (!Object.hasOwn(calls, name)) throw new RangeError(`there is no call ${name}`);
    return calls[name as keyof typeof calls](client, params as never);
  }

  async close(): Promise<void> {
    this.end();
    await (this.client === null ? this.options.store.close() : this.client.close());
  }

  private status(): ClientStatus {
    const { client } = this;
    return client === null
      ? { kind: 'empty' }
      : {
          kind: 'open',
          self: client.self,
          connection: client.connection,
          recovery: client.recovery.state,
        };
  }

  /** One after another: two tabs may ask at once. Asked again after it was done, it is done. */
  private enter(make: () => Promise<CipherChat>): Promise<ClientStatus> {
    const entered = this.entering.then(async () => {
      if (this.client === null) {
        const client = await make();
        this.client = client;
        this.watch(client);
      }
      return this.status();
    });
    this.entering = entered.catch(() => undefined);
    return entered;
  }

  private signOut(): Promise<SignedOut | null> {
    return this.leave((client) => {
      // Gone at once: while the server is told, nothing is asked of it any more.
      this.client = null;
      return client.signOut().catch((error: unknown) => {
        // Whoever opens the store next finds what is left of it.
        this.end();
        throw error;
      });
    });
  }

  /** Asked again after it was done, there is nothing left to leave. */
  private leave<Result>(leave: (client: CipherChat) => Promise<Result>): Promise<Result | null> {
    const left = this.entering.then(async () => {
      const { client } = this;
      if (client === null) return null;
      const result = await leave(client);
      this.client = null;
      this.options = await this.makeOptions();
      return result;
    });
    this.entering = left.catch(() => undefined);
    return left;
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

/** Whoever opens the store next goes on. */
function isOfStore(reason: string): boolean {
  return reason === 'superseded' || reason === 'storage-failed' || reason === 'closed';
}
