/**
 * What a person (or this client itself) wants done, written down before anything else happens.
 *
 * An intent goes queued → prepared → (accepted →) gone:
 * - queued: only the wish is stored, in plaintext; nothing was encrypted.
 * - prepared: the bytes, their envelope id and the MLS state after making them were stored in one
 *   write. The same bytes are sent until they are answered.
 * - accepted: commits only. The server has it at `seq`; it is merged, and the intent gone, when the
 *   log is read up to there, since another's commit may stand before it in ways an answer cannot tell.
 *
 * One intent of a conversation is past `queued` at a time. That keeps the order of messages whatever is
 * lost, and nothing is ever encrypted under a newer commit while older bytes are unanswered.
 */
import type {
  ContentBody,
  ConversationId,
  DeviceId,
  EnvelopeId,
  MemberDevice,
  MessageId,
  UserId,
} from '@cipherchat/protocol';

/** What a message is to say: known, or this account's profile or the conversation's timer as it is when it is encrypted. */
export type SentBody = ContentBody | { readonly kind: 'own-profile' } | { readonly kind: 'told-timer' };

export type IntentWork =
  | {
      readonly kind: 'message';
      readonly message: MessageId;
      readonly body: SentBody;
      /** Sent again after a restore of the server: the number that it had. */
      readonly counter?: number;
      /** How long it stays; absent: for good. */
      readonly disappearAfterS?: number;
    }
  | { readonly kind: 'create'; readonly users: readonly UserId[] }
  | { readonly kind: 'add'; readonly users: readonly UserId[] }
  | { readonly kind: 'remove'; readonly users: readonly UserId[] }
  /** After a void commit: an update that puts the store's device list and GroupInfo right; see `repair/void-commit.ts`. */
  | { readonly kind: 'mend' }
  /** A device that asked to be added anew. */
  | { readonly kind: 'readd'; readonly device: MemberDevice }
  /** This device asks the same. */
  | { readonly kind: 'ask-readd'; readonly envelope: EnvelopeId }
  /** Devices that departed, or that no manifest names. */
  | { readonly kind: 'remove-devices'; readonly devices: readonly MemberDevice[] }
  | { readonly kind: 'update' }
  /** Join by external commit: this device is a member by right and lacks the keys. */
  | { readonly kind: 'rejoin' }
  /** Open the conversation again after a restore of the server, or a reset; see `inbox/apply-anchor.ts`. */
  | { readonly kind: 'anchor' }
  /** After a reset by an administrator, where nobody has a group any more: make it anew, for them; see `repair/reset.ts`. */
  | { readonly kind: 'found'; readonly users: readonly UserId[] }
  | { readonly kind: 'leave' };

/** A key package handed out to us once: kept with the intent, so that a lost race does not use up another. */
export type ClaimedKeyPackage = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly keyPackage: Uint8Array;
};

export type PreparedKind = 'message' | 'commit' | 'external-commit' | 'create';

export type IntentState =
  | { readonly kind: 'queued' }
  | {
      readonly kind: 'prepared';
      readonly as: PreparedKind;
      readonly envelope: EnvelopeId;
      /** The commit it builds on. */
      readonly commitSeq: number;
      /** The server's clock when it was made: past the retention limit a resend would not be recognised as one. */
      readonly preparedAtMs: number;
    }
  | { readonly kind: 'accepted'; readonly envelope: EnvelopeId; readonly seq: number };

export type IntentRow = {
  /** Sorts in the order of writing; its key in the table. */
  readonly key: string;
  readonly conversation: ConversationId;
  readonly work: IntentWork;
  readonly state: IntentState;
  readonly addedAtMs: number;
  /** Not before this time: jitter of what several members would do at once, or a wait after a failure. */
  readonly notBeforeMs: number;
  /** How often it was refused and begun again. */
  readonly attempts: number;
  readonly claimed: readonly ClaimedKeyPackage[];
};

export function intentKey(order: number): string {
  return order.toString().padStart(16, '0');
}

/** Its time has come; or the clock was set back since, and when its time will come nobody knows. */
export function isDue(intent: Pick<IntentRow, 'addedAtMs' | 'notBeforeMs'>, nowMs: number): boolean {
  return intent.notBeforeMs <= nowMs || nowMs < intent.addedAtMs;
}

/**
 * What puts the group right goes before anything that is encrypted for it; an anchor before that, since the server takes
 * nothing else until there is one; and getting back into the group before all, since a device that is not in can do
 * nothing else. What went first would be refused, or wait, for ever.
 */
function urgency({ kind }: IntentWork): number {
  if (kind === 'rejoin' || kind === 'ask-readd' || kind === 'found') return 3;
  if (kind === 'anchor') return 2;
  return kind === 'remove-devices' || kind === 'mend' ? 1 : 0;
}

/**
 * The one intent of a conversation that may act now: what is under way, else what is most urgent, else the oldest;
 * of messages, those that have their number already come first.
 * One that waits for its time (jitter) lets others go first; alone, it is the head, and is waited for. An anchor, which
 * the others need, is waited for in any case.
 */
export function headIntent(params: {
  readonly intents: Iterable<IntentRow>;
  readonly conversation: ConversationId;
  readonly nowMs: number;
}): IntentRow | null {
  let head: IntentRow | null = null;
  let lowest: IntentRow | null = null;
  // One pass: what is given may be an iterator.
  for (const intent of params.intents) {
    if (intent.conversation !== params.conversation) continue;
    if (intent.state.kind !== 'queued') return intent;
    if (head === null || goesBefore({ intent, head, nowMs: params.nowMs })) head = intent;
    if (numberOf(intent) < (lowest === null ? Infinity : numberOf(lowest))) lowest = intent;
  }
  // Sent again after a restore of the server, it goes before all messages that were written later, wherever they are in
  // the queue, and however long it waits for its time: who lacks both would read them the wrong way round.
  return head?.work.kind === 'message' && lowest !== null ? lowest : head;
}

/**
 * What is written while such messages wait for their time cannot pass them, but need not wait as long as they: the round
 * begins early. A second is enough for several devices that join together to share it still; whoever joins later than
 * that costs a round more, so that nobody has to look at a text that does not go. Begun by each text at once, it would
 * be sent to every device that joins by itself.
 */
const maxHeldBackMs = 1_000;

/** When it may act: its own time, or when what was written since has waited long enough for it. */
export function dueAtMs(params: {
  readonly intents: Iterable<IntentRow>;
  readonly intent: IntentRow;
}): number {
  const { intents, intent } = params;
  if (numberOf(intent) === Infinity) return intent.notBeforeMs;
  let dueMs = intent.notBeforeMs;
  for (const { conversation, work, addedAtMs } of intents)
    if (conversation === intent.conversation && work.kind === 'message' && work.counter === undefined)
      dueMs = Math.min(dueMs, addedAtMs + maxHeldBackMs);
  return dueMs;
}

/** Those that were not sent yet get theirs when they are. */
function numberOf({ work }: IntentRow): number {
  return work.kind === 'message' && work.counter !== undefined ? work.counter : Infinity;
}

/** When the next intent of a conversation that waits for its time may act; `null` when none does. */
export function nextTimeMs(params: {
  readonly intents: Iterable<IntentRow>;
  readonly conversation: ConversationId;
  readonly nowMs: number;
}): number | null {
  let nextMs: number | null = null;
  for (const { conversation, state, notBeforeMs } of params.intents) {
    if (conversation !== params.conversation || state.kind !== 'queued' || notBeforeMs <= params.nowMs)
      continue;
    nextMs = Math.min(nextMs ?? Infinity, notBeforeMs);
  }
  return nextMs;
}

/** Until its anchor a conversation is closed, or the server does not know it: what would go first would be refused. */
function holdsItsTurn(intent: IntentRow, nowMs: number): boolean {
  return intent.work.kind === 'anchor' || isDue(intent, nowMs);
}

function goesBefore({
  intent,
  head,
  nowMs,
}: {
  readonly intent: IntentRow;
  readonly head: IntentRow;
  readonly nowMs: number;
}): boolean {
  const isReady = holdsItsTurn(intent, nowMs);
  if (isReady !== holdsItsTurn(head, nowMs)) return isReady;
  if (!isReady) return intent.notBeforeMs < head.notBeforeMs;
  const difference = urgency(intent.work) - urgency(head.work);
  if (difference !== 0) return difference > 0;
  return intent.key < head.key;
}
