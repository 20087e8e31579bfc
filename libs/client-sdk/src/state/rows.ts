/** The rows that a client keeps, one type per table of `tables.ts`. */
import type { Effects } from '../messages/effects.js';
import type { ComingBackRow } from '../recovery/recovery-rows.js';
import type { MessageExpiry, TimerRow } from './expiry-rows.js';
import type { GapReason } from './gap-reason.js';
import type { PlaceShift } from './places.js';
import type { CipherSuite, CredentialVerdict, SignalSecret } from '@cipherchat/crypto';
import type {
  ContentBody,
  ConversationId,
  DeviceId,
  EffectBody,
  EnvelopeId,
  EpochStatement,
  MemberDevice,
  MessageId,
  PersonBody,
  SessionId,
  UserId,
} from '@cipherchat/protocol';

/** Who this device is. Written before registration, so that a crash in it ends in the same account. */
export type ProfileRow = {
  readonly serverUrl: string;
  readonly user: UserId;
  readonly username: string;
  readonly device: DeviceId;
  readonly leafKey: Uint8Array;
  readonly leafSecret: Uint8Array;
  readonly accountKey: Uint8Array;
  readonly accountSecret: Uint8Array;
  readonly suite: CipherSuite;
  /** What the server has yet to be told to make the account; `null` once it answered. */
  readonly registration: { readonly invite: string | null; readonly bootstrapToken: string | null } | null;
  /** How far this device, made to recover the account, has come; `null` once nothing of it is left to do. */
  readonly recovery: ComingBackRow | null;
};

/** Written before the new refresh token is used: it works once, and a used one that comes again ends the session. */
export type SessionRow = {
  readonly session: SessionId;
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  readonly refreshToken: string;
  readonly role: 'member' | 'admin';
};

/** Small facts of the whole device. */
export type DeviceRow = {
  /** The server's last restore from backup when we last saw it; `null` before the first `ready`. */
  readonly generation: number | null;
  /** The next outbox order. */
  readonly nextIntentOrder: number;
  readonly readMarks: 'sent' | 'kept';
  /** Whether operators are told how much this device could not read, by cause. */
  readonly failureReports: 'sent' | 'kept';
};

/** How far this device is a member. */
export type ConversationPhase =
  /** Our own first commit is not in the log yet. */
  | 'creating'
  /** Known from the server, no group state yet. */
  | 'joining'
  | 'active'
  /** The person wants to leave; the server has yet to be told. */
  | 'leaving'
  /** A commit removed this device: what was there stays readable. */
  | 'removed'
  /** The group state cannot go on; an external commit is being made. */
  | 'rejoining';

/**
 * Whether this person wants a conversation; no server knows. It begins as a request where somebody else began it who is no
 * contact. `declined`: not shown, until the other person of a 1:1 writes anew.
 */
export type Standing = 'request' | 'accepted' | 'declined';

export type ConversationRow = {
  readonly id: ConversationId;
  readonly kind: 'direct' | 'group' | 'unknown';
  readonly phase: ConversationPhase;
  readonly standing: Standing;
  /** Whose commit added this device, as the group's state names them; `null` when it is ours, or not known. */
  readonly addedBy: MemberDevice | null;
  /** Declined: what stands up to this place is forgotten, and being deleted; `null` when none of it is left. */
  readonly forgetThrough: string | null;
  /** Members whose account key changed, until that is settled: nothing is sent meanwhile. */
  readonly keyChanged: readonly UserId[];
  /** The revision of this account's profile that all members have; 0: none, or somebody has joined since. */
  readonly givenProfile: number;
  /** Who said that they leave, until their removal is committed. */
  readonly departed: readonly UserId[];
  /** Of two simultaneous creations of a 1:1, this one lost: everything went to that one. */
  readonly replacedBy: ConversationId | null;
  /** Of a 1:1, the other person. */
  readonly peer: UserId | null;
  /** As members named it, encrypted; `null` when nobody did. */
  readonly name: string | null;
  /** Where in the log that was said last; `''` when it was not yet. */
  readonly namePlace: string;
  /** How long messages stay, as members set it. */
  readonly timer: TimerRow;
  readonly suite: CipherSuite;
  /** Everything up to here is applied and durable here. */
  readonly cursorSeq: number;
  /** Ascending: restores of the server took the log back, but not what is shown. */
  readonly placeShifts: readonly PlaceShift[];
  /** What the last restore of the server took from this log; `null` when it took nothing that we knew. */
  readonly lostByRestore: LostRow | null;
  /** Whose group this device is in since the last restore: its own, or one that it joined anew by another's anchor. */
  readonly lineage: 'own' | 'joined';
  /** Of the last commit in the log that we saw, void ones included: what ours must build on. */
  readonly lastCommitSeq: number;
  /** The last commits that were merged, ascending: their places, and a digest of the epoch after each. At most 8. */
  readonly merges: readonly MergeRow[];
  /** A void commit that left this device out of the store's list, until a commit puts that right; `null` otherwise. */
  readonly leftOutSeq: number | null;
  /** Of the last commit that changed membership: bytes encrypted under an older one are not sent any more. */
  readonly minCommitSeq: number;
  /** How many messages this device has sent here: the last counter that was used. */
  readonly ownCounter: number;
  readonly lastActivityMs: number;
  /** Of the log what the person has seen, and what of it members were told. */
  readonly readSeq: number;
  readonly sentReadSeq: number;
  /** Of the keys that our read mark on the server is under; `null` before the first. */
  readonly sentReadEpoch: bigint | null;
  /** Of our newest message in the log: past this nobody's receipt matters. */
  readonly lastOwnSeq: number;
  /** Up to here every other member has it on a device, and has seen it. */
  readonly othersDeliveredSeq: number;
  readonly othersReadSeq: number;
  readonly healing: HealingRow;
  /** For signals, of the newest 4 epochs, ascending. */
  readonly signalSecrets: readonly SignalSecret[];
  /** Messages in a row that did not decrypt: past a few, the group state itself is doubted. */
  readonly failuresInRow: number;
  /** While rejoining: entries that were skipped so far. */
  readonly skippedEntries: number;
  /** While rejoining: how often the members were asked to add this device anew. */
  readonly readdRequests: number;
  /** The last reset by an administrator, 0 before the first: until a commit stands behind it, the conversation is closed. */
  readonly resetSeq: number;
};

export type MergeRow = EpochStatement['merges'][number];

/** A restore of the server; see `restore/reset-conversation.ts`. */
export type LostRow = {
  /** What we had behind this place the server lost. Our own messages from there on are offered to who joins anew. */
  readonly afterPlace: string;
  readonly atMs: number;
  /** Through here the log is what it was. */
  readonly sameUntilSeq: number;
  /** The first commit behind that which this device merged: from there on the log has the members that we know. */
  readonly mergedSeq: number | null;
  /** Users whose removal stood there: the server takes them for members again, and we follow no anchor that does. */
  readonly removedUsers: readonly UserId[];
  /** An anchor of ours stands in the log since then. */
  readonly hasAnchored: boolean;
};

/** What decides when this device renews its leaf key; see `healing.ts`. */
export type HealingRow = {
  readonly sentSinceUpdate: number;
  readonly updatedAtMs: number;
  readonly repliedOnce: boolean;
};

/** A leaf of the group, and what the manifests say of it. */
export type RosterMember = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly leafIndex: number;
  readonly leafKey: Uint8Array;
  readonly check: LeafCheck;
  /** Where its person came to be a member: what stands before is not on any device of theirs. `''`: they were here before this device. */
  readonly sincePlace: string;
};
/** `unchecked` until the manifest was read; anything but `genuine` blocks our own sending. */
export type LeafCheck = 'unchecked' | 'genuine' | LeafAlarm;
export type LeafAlarm = Exclude<CredentialVerdict, 'genuine' | 'manifest-missing'>;
export type RosterRow = { readonly members: readonly RosterMember[] };

/** What stands at a place of a conversation: what a member wrote, what is missing, or who came and went. */
export type MessageBody =
  | Exclude<ContentBody, EffectBody | PersonBody | { readonly kind: 'text' }>
  | { readonly kind: 'text'; readonly text: string }
  /** Its author deleted it: nothing of it is left here. */
  | { readonly kind: 'deleted' }
  | { readonly kind: 'gap'; readonly reason: GapReason; readonly count: number }
  /** What a commit did to the membership. */
  | {
      readonly kind: 'membership';
      readonly by: UserId | null;
      readonly added: readonly UserId[];
      readonly removed: readonly UserId[];
      /** Who went by themselves, and said so: `by` only carried it out. */
      readonly left: readonly UserId[];
    }
  /** Devices that joined or left with their person staying: how many of each. A device that nobody expects is worth a look. */
  | {
      readonly kind: 'devices';
      readonly changes: ReadonlyArray<{
        readonly user: UserId;
        readonly added: number;
        readonly removed: number;
      }>;
    };

/** The same as it is kept: a text with what it answers; and of ours what changed others, to be sent again. */
type StoredBody = ShownBody | HiddenBody;
export type ShownBody =
  Exclude<MessageBody, { readonly kind: 'text' }> | Extract<ContentBody, { readonly kind: 'text' }>;
/** An edit's text is kept where it is shown, with its target, so that there is one place to delete it from. */
export type HiddenBody =
  | Exclude<EffectBody, { readonly kind: 'edit' }>
  | { readonly kind: 'edit'; readonly target: MessageId }
  /** Which revision was encrypted; 0 before that. */
  | { readonly kind: 'own-profile'; readonly revision: number }
  | Extract<PersonBody, { readonly kind: 'introduction' | 'left' }>
  /** The conversation's name, said once more to who was added: they cannot read what was said before. */
  | { readonly kind: 'told-name' }
  /** And how long messages stay. */
  | { readonly kind: 'told-timer' }
  /** Ours whose time was over: its number is kept, to be said again. */
  | { readonly kind: 'disappeared' };

/** Why a message of ours will never be sent, or an action never done. */
export type PermanentFailure =
  | 'removed-from-conversation'
  | 'conversation-unknown'
  | 'too-large'
  | 'expired'
  | 'user-unknown'
  | 'no-key-packages'
  /** They take no new conversation from us; perhaps they have blocked us. */
  | 'not-accepted'
  | 'too-many-devices'
  | 'member-not-verified'
  | 'others-in-direct'
  | 'gave-up'
  | 'refused';

export type MessageRow = {
  readonly message: MessageId;
  readonly conversation: ConversationId;
  /** Where it stands among the others; see `places.ts`. */
  readonly place: string;
  /** `null` while it is not in the log. */
  readonly seq: number | null;
  /** The server's time once it is in the log, ours before. */
  readonly atMs: number;
  readonly sender: { readonly user: UserId; readonly device: DeviceId } | null;
  readonly body: StoredBody;
  readonly effects?: Effects;
  /** Absent: it stays. */
  readonly disappears?: MessageExpiry;
  /** It counts as unread until the person has seen its place. */
  readonly unread?: true;
  /** Of our own once it is in the log: its number in this conversation, which it keeps when it is sent again. */
  readonly counter?: number;
  readonly state:
    | { readonly kind: 'received' }
    | { readonly kind: 'queued' }
    | { readonly kind: 'sent' }
    | { readonly kind: 'failed'; readonly failure: PermanentFailure };
};

/** What another device has durably, and what its person saw. */
export type ReceiptRow = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly deliveredSeq: number;
  readonly readSeq: number;
};

/** An envelope of ours until the cursor has passed it, so that our echo is recognised in log order. */
export type OwnEnvelopeRow = {
  readonly envelope: EnvelopeId;
  readonly intent: string;
  readonly message: MessageId | null;
};
