/**
 * What members are told that this person has seen: of each conversation the newest mark, until the server has it.
 *
 * Invariants:
 * - A mark is sent when the server has passed it on to this device as to the others, which it does with what it has stored. That
 *   a socket took it says nothing: the network may have swallowed it, or the server refused it.
 * - What is due follows from the stored row, so that no crash and no lost connection forgets it.
 * - One that is on its way is not sent again but after a while, ever more slowly, and never once a newer one is.
 */
import type { Signal } from '@cipherchat/crypto';
import type { ConversationId, ServerFrame } from '@cipherchat/protocol';
import { jitteredMs } from '../connection/backoff.js';
import { equalBytes } from '../keys/equal-bytes.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';

export type PassedSignal = { readonly ciphertext: Uint8Array; readonly epoch: bigint };

type Ports = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  readonly isLive: () => boolean;
  /** Gives it to the socket; `null` when there is none, or nothing is to be said there. */
  readonly pass: (row: ConversationRow, signal: Signal) => PassedSignal | null;
};

type OnItsWay = PassedSignal & Pick<ConversationRow, 'readSeq' | 'minCommitSeq'>;

/** Signal keys are kept for four epochs: a mark under keys this old is sent again. */
const resendAfterEpochs = 3n;
/** A gateway waits five seconds for the store; then nothing is passed on any more. */
const firstPatienceMs = 10_000;
/** A mark is comfort: a server that takes none for an hour is not asked more often for it. */
const maxPatienceMs = 5 * 60_000;
/** 10 s · 2^5 is past that. */
const maxDoublings = 5;

export class ReadMarks {
  private readonly onTheirWay = new Map<ConversationId, OnItsWay>();
  private timer: CancelTimer | null = null;
  /** Rounds in a row that were not answered in time. */
  private failures = 0;

  constructor(private readonly ports: Ports) {}

  /** Where members have an older one, or one under keys that age out. */
  send(conversation: ConversationId): void {
    const { memory, isLive, pass } = this.ports;
    const row = memory.conversations.get(conversation);
    if (row === undefined || memory.device.readMarks === 'kept' || !isLive() || !isDue(row)) return;
    const { readSeq, minCommitSeq } = row;
    const before = this.onTheirWay.get(conversation);
    if (before?.readSeq === readSeq && before.minCommitSeq === minCommitSeq) return;
    const passed = pass(row, { kind: 'read', seq: readSeq });
    if (passed === null) return;
    this.onTheirWay.set(conversation, { ...passed, readSeq, minCommitSeq });
    this.timer ??= this.ports.clock.setTimer(() => this.sendAgain(), this.patienceMs());
  }

  sendAll(): void {
    for (const conversation of this.ports.memory.conversations.keys()) this.send(conversation);
  }

  /** A mark of this device came back. */
  async passedOn({ conversation, ciphertext }: Extract<ServerFrame, { type: 'signal' }>): Promise<void> {
    const mark = this.onTheirWay.get(conversation);
    if (mark === undefined || !equalBytes(mark.ciphertext, ciphertext)) return;
    this.onTheirWay.delete(conversation);
    this.failures = 0;
    await this.ports.steps.run('conversation/read-mark-sent', async (transaction) => {
      const row = await transaction.get(tables.conversations, conversation);
      // Whoever joined since cannot read it.
      if (row === null || row.minCommitSeq !== mark.minCommitSeq) return;
      transaction.put(tables.conversations, conversation, {
        ...row,
        sentReadSeq: mark.readSeq,
        sentReadEpoch: mark.epoch,
      });
    });
  }

  /** What was on its way is due again on the next connection. */
  disconnected(): void {
    this.onTheirWay.clear();
    this.timer?.();
    this.timer = null;
    this.failures = 0;
  }

  private sendAgain(): void {
    this.timer = null;
    const unanswered = [...this.onTheirWay.keys()];
    this.onTheirWay.clear();
    this.failures++;
    for (const conversation of unanswered) this.send(conversation);
  }

  private patienceMs(): number {
    const baseMs = Math.min(maxPatienceMs, firstPatienceMs * 2 ** Math.min(this.failures, maxDoublings));
    return jitteredMs({ baseMs, random: this.ports.random });
  }
}

function isDue(row: ConversationRow): boolean {
  if (row.readSeq > row.sentReadSeq) return true;
  const epoch = row.signalSecrets.at(-1)?.epoch ?? 0n;
  return row.readSeq > 0 && row.sentReadEpoch !== null && epoch - row.sentReadEpoch >= resendAfterEpochs;
}
