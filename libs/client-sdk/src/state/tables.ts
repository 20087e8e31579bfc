/** Every table of the store, and how its rows become bytes. Keys are built here and nowhere else. */
import type { ConversationId, DeviceId, EnvelopeId, MessageId, UserId } from '@cipherchat/protocol';
import type { EarlyEffects } from '../messages/effects.js';
import type { IntentRow } from '../outbox/intents.js';
import { decodeRow, encodeRow } from '../store/row-codec.js';
import type { Draft } from './draft-row.js';
import type { ExpiryClockRow, ExpiryRow } from './expiry-rows.js';
import type { BlockRow, ContactRow, InvitesRow, PersonProfileRow } from './people-rows.js';
import type { KeyPackageRow } from './key-package-row.js';
import type {
  ConversationRow,
  DeviceRow,
  MessageRow,
  OwnEnvelopeRow,
  ProfileRow,
  ReceiptRow,
  RosterRow,
  SessionRow,
} from './rows.js';
import type { SearchBlockRow } from './search-rows.js';
import type { SummaryRow } from './summary-rows.js';
import type { RecoveryRow } from '../recovery/recovery-rows.js';

export type Table<Row> = {
  readonly name: string;
  readonly encode: (row: Row) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Row;
};

const json = <Row>(name: string): Table<Row> => ({
  name,
  encode: encodeRow,
  decode: (bytes) => decodeRow<Row>(bytes),
});
const raw = (name: string): Table<Uint8Array> => ({
  name,
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
});

export const tables = {
  profile: json<ProfileRow>('profile'),
  session: json<SessionRow>('session'),
  device: json<DeviceRow>('device'),
  recovery: json<RecoveryRow>('recovery'),
  conversations: json<ConversationRow>('conversations'),
  /** The conversations that a list begins with. */
  front: json<readonly ConversationId[]>('front'),
  /** By conversation. */
  summaries: json<SummaryRow>('summaries'),
  /** By conversation. */
  drafts: json<Draft>('drafts'),
  rosters: json<RosterRow>('rosters'),
  /** MLS records, `<conversation>/<record key>`. */
  groups: raw('groups'),
  /** The state of an external join whose envelope was not seen yet, beside the old group's: same keys. */
  pendingJoins: raw('pending-joins'),
  messages: json<MessageRow>('messages'),
  /** Where a message stands, by its id: a message that comes again is dropped. */
  messagePlaces: json<string>('message-places'),
  /** What was done to messages that are not here, by their ids: they may come yet. */
  earlyEffects: json<EarlyEffects>('early-effects'),
  /** By due time; see Note [Two tables of expiries] in `expiry/begin-expiry.ts`. */
  expiries: json<ExpiryRow>('expiries'),
  expiriesToBegin: json<MessageId>('expiries-to-begin'),
  expiryClock: json<ExpiryClockRow>('expiry-clock'),
  intents: json<IntentRow>('intents'),
  /** The encrypted bytes of a prepared intent: kept apart, for a commit bundle may be megabytes. */
  intentBytes: raw('intent-bytes'),
  ownEnvelopes: json<OwnEnvelopeRow>('own-envelopes'),
  keyPackages: json<KeyPackageRow>('key-packages'),
  contacts: json<ContactRow>('contacts'),
  profiles: json<PersonProfileRow>('profiles'),
  /** By user, who shows it: the beginning of the hour in which they were there last. */
  lastSeen: json<number>('last-seen'),
  blocks: json<BlockRow>('blocks'),
  invites: json<InvitesRow>('invites'),
  /** The last counter seen of a device, `<conversation>/<device>`. */
  counters: json<number>('counters'),
  receipts: json<ReceiptRow>('receipts'),
  /** What is searched in, `<conversation>/<stretch of places>`. */
  searchBlocks: json<SearchBlockRow>('search-blocks'),
} as const;

/** The key of tables with one row. */
export const only = 'only';

export const keyOf = {
  group: (conversation: ConversationId, record: string): string => `${conversation}/${record}`,
  groupPrefix: (conversation: ConversationId): string => `${conversation}/`,
  message: (conversation: ConversationId, place: string): string => `${conversation}/${place}`,
  searchBlock: (conversation: ConversationId, stretch: string): string => `${conversation}/${stretch}`,
  messagePlace: (conversation: ConversationId, message: MessageId): string => `${conversation}/${message}`,
  /** Sorts by due time. */
  expiry: ({ dueMs, conversation, message }: ExpiryRow): string =>
    `${dueMs.toString().padStart(16, '0')}/${conversation}/${message}`,
  /** Of keys that begin with a conversation. */
  conversationOf: (key: string): ConversationId => key.slice(0, key.indexOf('/')) as ConversationId,
  ownEnvelope: (conversation: ConversationId, envelope: EnvelopeId): string => `${conversation}/${envelope}`,
  counter: (conversation: ConversationId, device: DeviceId): string => `${conversation}/${device}`,
  receipt: (params: {
    readonly conversation: ConversationId;
    readonly user: UserId;
    readonly device: DeviceId;
  }): string => `${params.conversation}/${params.user}/${params.device}`,
} as const;
