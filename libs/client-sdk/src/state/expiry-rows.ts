/** Rows of what disappears. */
import type { ConversationId, MessageId } from '@cipherchat/protocol';

/** How long messages of a conversation stay; see `expiry/timer.ts`. */
export type TimerRow = {
  /** As the log says, in seconds; `null`: for good. */
  readonly afterS: number | null;
  /** Where in the log that stands; before all of it when this device may have missed a change. */
  readonly place: string;
  /** What this person set last, while it is not in the log. */
  readonly waiting: { readonly message: MessageId; readonly afterS: number | null } | null;
};

/** How long a message stays, and when it goes: absent until it counts. By the time of `expiry/expiry-clock.ts`. */
export type MessageExpiry = { readonly afterS: number; readonly dueMs?: number };

/** What goes, when. */
export type ExpiryRow = {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly dueMs: number;
};

/** What the device's clock said when it was looked at last, and what the time of messages was then. */
export type ExpiryClockRow = { readonly seenAtMs: number; readonly countedMs: number };
