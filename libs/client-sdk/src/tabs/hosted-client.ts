/**
 * The client as tabs call it. Each call is one that another host may be asked again: `send` and `group` carry ids that the
 * caller made, `register` and `recover` go on with what the store holds, and the others do nothing where what they ask for is done.
 */
import type { ConversationId, MessageId, UserId } from '@cipherchat/protocol';
import type { CipherChat } from '../client.js';
import type { ClientEventName, ConnectionState } from '../events.js';
import type { PageQuery } from '../messages/pages.js';
import type { DeclinedPerson } from '../people/requests.js';
import type { RecoveryRequest } from '../recovery/recover.js';
import type { RecoveryState } from '../recovery/recovery-key.js';
import type { Registration } from '../registration.js';
import type { SearchQuery } from '../search/search.js';
import type { SignedOut } from '../sign-out.js';
import type { Draft } from '../state/draft-row.js';
import type { LockHint } from '../store/store.js';
import type { ConversationInfo } from '../views.js';

type InConversation = { readonly conversation: ConversationId };
type SentText = { readonly text: string; readonly message: MessageId; readonly replyTo?: MessageId };
type OfUser = { readonly user: UserId };
type OfUsers = { readonly users: readonly UserId[] };

/** Who this is, and how the connection stands. */
export type ClientStatus =
  | { readonly kind: 'empty' }
  /** There may be an account; `unlock` with what the passkey answers opens it. */
  | { readonly kind: 'locked'; readonly lock: LockHint }
  | {
      readonly kind: 'open';
      readonly self: CipherChat['self'];
      readonly connection: ConnectionState;
      readonly recovery: RecoveryState;
      /** `impossible`: this store cannot be locked. */
      readonly storeLock: 'none' | 'set' | 'impossible';
    };
type OfMessage = InConversation & { readonly message: MessageId };
type OfReaction = OfMessage & { readonly emoji: string };

export const calls = {
  /** Answered before all others. */
  front: (client: CipherChat) => client.front(),
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
  failureReports: (client: CipherChat) => client.failureReports,
  setFailureReports: (client: CipherChat, params: { readonly failureReports: 'sent' | 'kept' }) =>
    client.setFailureReports(params.failureReports),
  presence: (client: CipherChat) => client.presence,
  setPresence: (client: CipherChat, { presence }: { readonly presence: 'kept' | 'shared' }) =>
    client.setPresence(presence),
  noteActivity: (client: CipherChat) => client.noteActivity(),
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
  retry: (client: CipherChat, { conversation, message }: OfMessage) =>
    client.conversation(conversation).retry(message),
  discard: (client: CipherChat, { conversation, message }: OfMessage) =>
    client.conversation(conversation).discard(message),
  messages: (
    client: CipherChat,
    { conversation, ...page }: InConversation & { readonly before?: string; readonly limit?: number },
  ) => client.conversation(conversation).messages(page),
  page: (client: CipherChat, { conversation, ...query }: InConversation & Partial<PageQuery>) =>
    client.conversation(conversation).page(query),
  search: (client: CipherChat, query: SearchQuery) => client.search(query),
  message: (client: CipherChat, { conversation, message }: OfMessage) =>
    client.conversation(conversation).message(message),
  members: (client: CipherChat, { conversation }: InConversation) =>
    client.conversation(conversation).members(),
  receipts: (client: CipherChat, { conversation, message }: OfMessage) =>
    client.conversation(conversation).receipts(message),
  rename: (client: CipherChat, { conversation, name }: InConversation & { readonly name: string }) =>
    client.conversation(conversation).rename(name),
  setTimer: (
    client: CipherChat,
    { conversation, disappearAfterS }: InConversation & Pick<ConversationInfo, 'disappearAfterS'>,
  ) => client.conversation(conversation).setTimer(disappearAfterS),
  add: (client: CipherChat, { conversation, users }: InConversation & OfUsers) =>
    client.conversation(conversation).add(users),
  remove: (client: CipherChat, { conversation, users }: InConversation & OfUsers) =>
    client.conversation(conversation).remove(users),
  leave: (client: CipherChat, { conversation }: InConversation) => client.conversation(conversation).leave(),
  markRead: (
    client: CipherChat,
    { conversation, ...through }: InConversation & { readonly upTo?: MessageId },
  ) => client.conversation(conversation).markRead(through),
  setNotify: (
    client: CipherChat,
    { conversation, notify }: InConversation & { readonly notify: 'all' | 'none' },
  ) => client.conversation(conversation).setNotify(notify),
  draft: (client: CipherChat, { conversation }: InConversation) => client.conversation(conversation).draft(),
  // Asked again after its message was sent, it is none.
  setDraft: (
    client: CipherChat,
    { conversation, draft }: InConversation & { readonly draft: Draft | null },
  ) => client.conversation(conversation).setDraft(draft),
  setTyping: (client: CipherChat, { conversation, typing }: InConversation & { readonly typing: boolean }) =>
    client.conversation(conversation).setTyping(typing),
  inviteLink: (client: CipherChat) => client.contacts.inviteLink(),
  inviteLinkWithToken: (client: CipherChat) => client.contacts.inviteLinkWithToken(),
  hasInviteTokens: (client: CipherChat) => client.contacts.hasInviteTokens(),
  resetInviteTokens: (client: CipherChat) => client.contacts.resetInviteTokens(),
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
  readonly unlock: { readonly params: { readonly secret: Uint8Array }; readonly result: ClientStatus };
  readonly lockStore: {
    readonly params: LockHint & { readonly secret: Uint8Array };
    readonly result: ClientStatus;
  };
  readonly removeLock: { readonly params: undefined; readonly result: ClientStatus };
};

export const told: readonly ClientEventName[] = [
  'connection',
  'message',
  'message-changed',
  'message-removed',
  'receipts',
  'conversation',
  'draft',
  'conversation-replaced',
  'typing',
  'contact',
  'person',
  'alarm',
  'recovery',
  'action-failed',
];
