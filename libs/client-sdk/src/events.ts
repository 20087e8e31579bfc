/** What a client tells its listeners. Every event is told after what it says is durable. */
import type { ConversationId, DeviceId, MessageId, UserId } from '@cipherchat/protocol';
import type { ConversationInfo, Message } from './views.js';
import type { RecoveryState } from './recovery/recovery-key.js';
import type { Draft } from './state/draft-row.js';
import type { ContactAlarm } from './state/people-rows.js';
import type { LeafAlarm, PermanentFailure } from './state/rows.js';

/** How the connection stands. */
export type ConnectionState =
  | { readonly kind: 'offline' }
  /** The next attempt begins at `retryAtMs`. */
  | { readonly kind: 'waiting'; readonly retryAtMs: number }
  | { readonly kind: 'connecting' }
  /** Authenticated; what was missed is being fetched. `gateway` names the server process. */
  | { readonly kind: 'catching-up'; readonly gateway: string }
  | { readonly kind: 'live'; readonly gateway: string }
  /** It will not come back by itself. */
  | { readonly kind: 'stopped'; readonly reason: StopReason };

/** Why a connection ended for good. */
export type StopReason =
  /** Closed by its owner. */
  | 'closed'
  /** The person signed out: nothing of the account is left here. */
  | 'signed-out'
  /** A newer socket of this device took over. */
  | 'replaced'
  /** Another writer took over the store. */
  | 'superseded'
  /** The store failed to write; nothing that followed was done. */
  | 'storage-failed'
  | 'device-revoked'
  | 'user-disabled'
  /** This build does not speak the server's protocol. */
  | 'upgrade-needed'
  /** The account or device is not known to the server. */
  | 'unknown-device';

/** Something a person should see about another's keys. */
export type Alarm = {
  readonly user: UserId;
  readonly device: DeviceId | null;
  readonly conversation: ConversationId | null;
  readonly reason: LeafAlarm | ContactAlarm;
};

/** Events by name. */
export type ClientEvents = {
  readonly connection: ConnectionState;
  /** A message stands in a conversation for the first time: received, or written here. Told once per message. */
  readonly message: Message;
  /** A message that was told before changed: sent, delivered, read, failed; edited, deleted, reacted to. */
  readonly 'message-changed': Message;
  /** A message that was told before is gone from here: its time is over, or it was never sent and given up. */
  readonly 'message-removed': { readonly conversation: ConversationId; readonly message: MessageId };
  /** Who has what was written here, or has seen it, is another now (`Conversation.receipts`). */
  readonly receipts: { readonly conversation: ConversationId };
  readonly conversation: ConversationInfo;
  /** What the person has begun to write is another now, or nothing: kept by a tab, sent, or gone with what it was about. */
  readonly draft: { readonly conversation: ConversationId; readonly draft: Draft | null };
  /** Of two simultaneous creations of a 1:1 ours lost: `from` is now `to`. */
  readonly 'conversation-replaced': { readonly from: ConversationId; readonly to: ConversationId };
  readonly typing: {
    readonly conversation: ConversationId;
    readonly user: UserId;
    readonly device: DeviceId;
    readonly typing: boolean;
  };
  /** Somebody was blocked or unblocked, here or on another device; what is listed of them has changed with it. */
  readonly contact: { readonly user: UserId; readonly blocked: boolean };
  /** What is known of somebody is another now: their profile, username, verification or alarm, or whether they are a contact. */
  readonly person: { readonly user: UserId };
  readonly alarm: Alarm;
  /** A recovery key was made, or checked, here or on another device. */
  readonly recovery: RecoveryState;
  /** An action (add, remove, create, leave, react, edit, delete) that cannot be done. A message's failure stands on the message. */
  readonly 'action-failed': {
    readonly conversation: ConversationId;
    readonly action:
      | 'create'
      | 'add'
      | 'remove'
      | 'leave'
      | 'rejoin'
      | 'update'
      | 'anchor'
      | 'found'
      | 'react'
      | 'edit'
      | 'delete';
    readonly failure: PermanentFailure;
  };
  /** Something failed that should not have: a bug here or in the server. What was being done is tried again. */
  readonly fault: { readonly during: string; readonly error: unknown };
};

/** Names of events, for `on`. */
export type ClientEventName = keyof ClientEvents;
/** One event with its name, as a union. */
export type ClientEvent = {
  readonly [Name in ClientEventName]: { readonly type: Name; readonly data: ClientEvents[Name] };
}[ClientEventName];

type Listener<Name extends ClientEventName> = (data: ClientEvents[Name]) => void;

/** Calls listeners in the order they were added. A listener that throws harms neither the client nor other listeners. */
export class Emitter {
  private readonly listeners = new Map<ClientEventName, Set<(data: never) => void>>();

  /** Returns what removes the listener. */
  on<Name extends ClientEventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit(event: ClientEvent): void {
    for (const listener of [...(this.listeners.get(event.type) ?? [])]) {
      try {
        listener(event.data as never);
      } catch (error) {
        // The application's own fault: reported as uncaught where it belongs, not lost and not ours to handle.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
