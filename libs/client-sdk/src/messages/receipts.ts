/**
 * Who has our messages, and who has seen them.
 *
 * The server knows how far each device has stored a conversation, not whose a message is; what that means for our
 * messages is worked out here. Receipts only grow, may be lost, and are asked for again after a reconnect.
 */
import { openSignal } from '@cipherchat/crypto';
import {
  conversationRoutes,
  type ConversationId,
  type DeviceId,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { putConversation } from '../conversations/conversation-row.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, ReceiptRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { isShown, viewMessage } from './message-table.js';

/** Receipts of a burst of messages become one write. */
const gatherMs = 100;
/** Devices of one conversation. */
export const maxReceipts = 1_000;
/** Messages whose change is told at once when a receipt leaps far. */
const maxChanged = 200;
/** Conversations whose receipts are asked for after a reconnect, newest first. */
const maxRefreshed = 20;

export type ReceiptPorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly departing: (
    conversation: ConversationId,
    device: { readonly user: UserId; readonly device: DeviceId },
  ) => void;
  readonly fault: (during: string, error: unknown) => void;
};

export class Receipts {
  /** By conversation, then device. */
  private readonly waiting = new Map<ConversationId, Map<DeviceId, ReceiptRow>>();
  private timer: CancelTimer | null = null;

  constructor(private readonly ports: ReceiptPorts) {}

  noteDelivered(frame: Extract<ServerFrame, { type: 'delivered' }>): void {
    this.note(frame.conversation, {
      user: frame.user,
      device: frame.device,
      deliveredSeq: frame.seq,
      readSeq: 0,
    });
  }

  noteRead(
    conversation: ConversationId,
    read: { readonly user: UserId; readonly device: DeviceId; readonly seq: number },
  ): void {
    this.note(conversation, { user: read.user, device: read.device, deliveredSeq: 0, readSeq: read.seq });
  }

  /** Asks for what a reconnect may have missed, where a message of ours still waits for it. @throws NetworkError, ProblemError */
  async refresh(): Promise<void> {
    const { conversations, intents } = this.ports.memory;
    // What was handed over and not answered may have been read since: then it is not asked for again when the answer comes.
    const unanswered = new Set(
      [...intents.values()]
        .filter(({ state }) => state.kind === 'prepared')
        .map(({ conversation }) => conversation),
    );
    const behind = [...conversations.values()]
      .filter((row) => row.phase === 'active')
      .filter((row) => row.lastOwnSeq > row.othersReadSeq || unanswered.has(row.id))
      .sort((left, right) => right.lastActivityMs - left.lastActivityMs)
      .slice(0, maxRefreshed);
    for (const row of behind) await this.refreshOne(row);
  }

  private async refreshOne(row: ConversationRow): Promise<void> {
    const { members } = await this.ports.api.call(conversationRoutes.read, {
      path: { conversation: row.id },
    });
    for (const { user, device, cursorSeq, readMark, departing } of members) {
      if (departing) this.ports.departing(row.id, { user, device });
      const opened =
        readMark === null
          ? null
          : openSignal({
              secrets: row.signalSecrets,
              conversation: row.id,
              device,
              kind: 'read',
              ciphertext: readMark,
            });
      const readSeq = opened?.kind === 'signal' && opened.signal.kind === 'read' ? opened.signal.seq : 0;
      this.note(row.id, { user, device, deliveredSeq: cursorSeq, readSeq });
    }
  }

  private note(conversation: ConversationId, receipt: ReceiptRow): void {
    if (receipt.user === this.ports.memory.profile.user) return;
    const waiting = this.waiting.get(conversation) ?? new Map<DeviceId, ReceiptRow>();
    this.waiting.set(conversation, waiting);
    waiting.set(receipt.device, later(waiting.get(receipt.device), receipt));
    this.timer ??= this.ports.clock.setTimer(() => void this.flush(), gatherMs);
  }

  private async flush(): Promise<void> {
    this.timer = null;
    const gathered = [...this.waiting];
    this.waiting.clear();
    try {
      await this.ports.steps.run('receipts/apply', async (transaction) => {
        for (const [conversation, receipts] of gathered)
          await applyReceipts(this.ports.memory, transaction, {
            conversation,
            receipts: [...receipts.values()],
          });
      });
    } catch (error) {
      this.ports.fault('receipts', error);
    }
  }
}

async function applyReceipts(
  memory: Memory,
  transaction: Transaction,
  params: { readonly conversation: ConversationId; readonly receipts: readonly ReceiptRow[] },
): Promise<void> {
  const { conversation, receipts } = params;
  const row = await transaction.get(tables.conversations, conversation);
  const roster = await transaction.get(tables.rosters, conversation);
  if (row === null || roster === null) return;
  let isNews = false;
  for (const receipt of receipts) {
    const key = keyOf.receipt({ conversation, user: receipt.user, device: receipt.device });
    const known = (await transaction.get(tables.receipts, key)) ?? undefined;
    const next = later(known, receipt);
    if (known?.deliveredSeq === next.deliveredSeq && known.readSeq === next.readSeq) continue;
    transaction.put(tables.receipts, key, next);
    isNews = true;
  }
  if (isNews) transaction.emit({ type: 'receipts', data: { conversation } });
  const all = await transaction.scan(tables.receipts, {
    prefix: keyOf.groupPrefix(conversation),
    limit: maxReceipts,
  });
  const others = new Set(
    roster.members.map(({ user }) => user).filter((user) => user !== memory.profile.user),
  );
  const next: ConversationRow = {
    ...row,
    othersDeliveredSeq: Math.max(
      row.othersDeliveredSeq,
      reachedByAll(
        others,
        all.map((item) => item.row),
        ({ deliveredSeq }) => deliveredSeq,
      ),
    ),
    othersReadSeq: Math.max(
      row.othersReadSeq,
      reachedByAll(
        others,
        all.map((item) => item.row),
        ({ readSeq }) => readSeq,
      ),
    ),
  };
  if (next.othersDeliveredSeq === row.othersDeliveredSeq && next.othersReadSeq === row.othersReadSeq) return;
  putConversation(transaction, next);
  await tellChanged(memory, transaction, { before: row, after: next });
}

/** A person has what any device of theirs has; all have what the last of them has. */
function reachedByAll(
  users: ReadonlySet<UserId>,
  receipts: readonly ReceiptRow[],
  seqOf: (receipt: ReceiptRow) => number,
): number {
  if (users.size === 0) return 0;
  return Math.min(
    ...[...users].map((user) =>
      Math.max(0, ...receipts.filter((receipt) => receipt.user === user).map(seqOf)),
    ),
  );
}

async function tellChanged(
  memory: Memory,
  transaction: Transaction,
  change: { readonly before: ConversationRow; readonly after: ConversationRow },
): Promise<void> {
  const { before, after } = change;
  const moved = (['othersDeliveredSeq', 'othersReadSeq'] as const)
    .map((name) => ({ from: before[name], to: after[name] }))
    .filter(({ from, to }) => to > from);
  const to = Math.max(0, ...moved.map((range) => range.to));
  const rows = await transaction.scan(tables.messages, {
    prefix: keyOf.groupPrefix(after.id),
    after: keyOf.message(after.id, placeInLog({ row: after, seq: to, part: entryParts.last })),
    limit: maxChanged,
    order: 'descending',
  });
  for (const { row } of rows) {
    const { seq } = row;
    if (seq === null || row.sender?.device !== memory.profile.device || !isShown(row)) continue;
    if (!moved.some((range) => seq > range.from && seq <= range.to)) continue;
    transaction.emit({
      type: 'message-changed',
      data: viewMessage(row, { profile: memory.profile, conversation: after }),
    });
  }
}

function later(known: ReceiptRow | undefined, receipt: ReceiptRow): ReceiptRow {
  if (known === undefined) return receipt;
  return {
    ...receipt,
    deliveredSeq: Math.max(known.deliveredSeq, receipt.deliveredSeq),
    readSeq: Math.max(known.readSeq, receipt.readSeq),
  };
}
