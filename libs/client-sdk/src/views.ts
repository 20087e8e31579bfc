/** What applications see of messages and conversations. */
import type { ConversationId, DeviceId, MessageId, UserId } from '@cipherchat/protocol';
import type { GapReason } from './state/gap-reason.js';
import type { ConversationPhase, LeafCheck, MessageBody, PermanentFailure, Standing } from './state/rows.js';

/** How far a message of ours has come. */
export type DeliveryState =
  /** Stored here, not yet on the server. */
  | { readonly kind: 'queued' }
  /** The server has it durably. */
  | { readonly kind: 'sent' }
  /** At least one device of each other member has it durably. */
  | { readonly kind: 'delivered' }
  /** Each other member has seen it (and tells so). */
  | { readonly kind: 'read' }
  /** It will never be sent. */
  | { readonly kind: 'failed'; readonly failure: PermanentFailure };

export type { ConversationPhase, GapReason, LeafCheck, MessageBody, PermanentFailure, Standing };

/** What somebody thinks of a message. */
export type MessageReaction = { readonly emoji: string; readonly user: UserId; readonly own: boolean };

/** One entry of a conversation as shown. */
export type Message = {
  readonly id: MessageId;
  readonly conversation: ConversationId;
  /** Sorts the messages of a conversation; also what `before` of `messages` takes. It changes when a queued message is sent. */
  readonly place: string;
  /** Place in the server's log; `null` while queued or failed. */
  readonly seq: number | null;
  /** When the server stored it (ours: when it was written, until then). */
  readonly atMs: number;
  /** `null` for marks that no member sent. */
  readonly sender: { readonly user: UserId; readonly device: DeviceId } | null;
  /** Sent by this account, from this device or another. */
  readonly own: boolean;
  readonly body: MessageBody;
  /** What it answers, which may not be on this device: written before it joined, or lost. */
  readonly replyTo: MessageId | null;
  /** Since when its text is this one, by its author; `null` while it is as it was first written. */
  readonly edited: { readonly atMs: number } | null;
  /** In the order in which they were set, each emoji of a person once. */
  readonly reactions: readonly MessageReaction[];
  /**
   * How long it stays, in seconds, once it was sent (with its author) or read (with others); `null`: for good. That it is
   * gone is told by `message-removed`.
   */
  readonly disappearAfterS: number | null;
  /** Of messages sent from this device; `null` otherwise. */
  readonly delivery: DeliveryState | null;
};

/** What is here of a message by its id: `gone` when it was here, and its time is over. */
export type FoundMessage =
  | { readonly kind: 'here'; readonly message: Message }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown' };

/** A piece of a conversation, oldest first, and whether there is more on either side of it. */
export type MessagePage = {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
};

/** The last entry of a conversation as a list shows it: texts and names are cut to 160 characters. */
export type MessagePreview = Pick<Message, 'id' | 'place' | 'atMs' | 'sender' | 'own' | 'body' | 'delivery'>;

/** A conversation as shown in a list. */
export type ConversationInfo = {
  readonly id: ConversationId;
  readonly kind: 'direct' | 'group' | 'unknown';
  readonly phase: ConversationPhase;
  /**
   * `request`: begun by somebody who is no contact, and to be accepted or declined. Until then nothing of this person goes
   * to them but what the server tells of any device: no read marks, no typing, no profile. `declined`: shown no more.
   */
  readonly standing: Standing;
  /** Who added this account, where it was somebody else and is known. */
  readonly addedBy: UserId | null;
  /**
   * Where this device stands when it cannot get back into the group by itself. `asked`: it asked the members to add it
   * anew. `unanswered`: nobody did, and it goes on asking, ever less often. A member has to come online; people can
   * tell each other by another way. Where nobody can help, an administrator of the server, who needs the id, can have the
   * members begin anew (`Account.resetConversation`).
   */
  readonly repair: 'none' | 'asked' | 'unanswered';
  /** Members whose account key changed: nothing is sent until each of them is settled (`CipherChat.settleAccountKey`). */
  readonly keyChanged: readonly UserId[];
  /** Of a 1:1: the other person. */
  readonly peer: UserId | null;
  /** As members named it; `null` when nobody did. */
  readonly name: string | null;
  /** How long what is written now stays, in seconds; `null`: for good. */
  readonly disappearAfterS: number | null;
  readonly lastActivityMs: number;
  /** Texts of others that the person has not seen; 999 stands for that many or more. */
  readonly unreadCount: number;
  /** The oldest of them, wherever it stands. */
  readonly firstUnread: { readonly message: MessageId; readonly place: string } | null;
  /** `null` when nothing is here yet. */
  readonly lastMessage: MessagePreview | null;
  /** What the person has begun to write here, cut to 160 characters; `''` for a reply that has no text yet. Only this device's. */
  readonly draft: string | null;
  /** Whether this device calls the person for it. Only this device's. */
  readonly notify: 'all' | 'none';
  /** Everything up to this place in the log is stored here. */
  readonly cursorSeq: number;
};

/** A device that is in a conversation. */
export type Member = { readonly user: UserId; readonly device: DeviceId; readonly check: LeafCheck };
