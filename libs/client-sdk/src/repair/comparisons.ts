/**
 * Comparing group states with the other members: asking when this device doubts, answering when another does.
 *
 * - Asked again a few times, ever more slowly, since members come and go; what they state stays at the server. Then it
 *   is decided with what is there (`statement.ts`). Offline, nothing is asked and nothing decided.
 * - Nothing of it is stored here: after a crash the same entry fails again and is asked about again.
 * - Own devices always answer; in a large group each other device does so by chance, and a few are enough.
 */
import { epochDigest, type MlsEngine } from '@cipherchat/crypto';
import {
  conversationRoutes,
  decode,
  encode,
  epochStatement,
  MalformedError,
  type ConversationId,
  type EpochStatement,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { beginRejoin } from '../inbox/rejoin.js';
import { putConversation } from '../conversations/conversation-row.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import { randomFraction, type Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { judgeComparison, statementOf, type ComparisonVerdict, type Stated } from './statement.js';

/** Waits before each asking; with the last answer it is decided. Together longer than members wait to answer. */
const askAfterMs = [0, 2_000, 4_000, 8_000, 8_000] as const;
/** Many doubt at once: the first asking and the answers are spread by the size of the group. */
const spreadPerDeviceMs = 20;
const maxSpreadMs = 5_000;
/** Of a large group about so many devices answer. */
const wantedAnswers = 20;
/** Conversations with a question that waits for the commit it is about. */
const maxOwed = 1_000;

type Running = { readonly doubtSeq: number; asked: number; cancel: CancelTimer };

export type ComparisonPorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly engine: MlsEngine;
  readonly clock: Clock;
  readonly random: Random;
  readonly isLive: () => boolean;
  /** What came of the doubt in a commit. */
  readonly settled: (
    conversation: ConversationId,
    compared: { readonly seq: number; readonly verdict: ComparisonVerdict },
  ) => void;
  readonly wake: (conversation: ConversationId) => void;
  readonly inBackground: (during: string, work: () => Promise<void>) => void;
};

export class Comparisons {
  private readonly running = new Map<ConversationId, Running>();
  /** Questions about commits that this device has not processed yet. */
  private readonly owed = new Map<ConversationId, number>();

  constructor(private readonly ports: ComparisonPorts) {}

  /** The commit at `doubtSeq` cannot be processed here; 0: too many messages cannot be read. */
  begin(conversation: ConversationId, doubtSeq: number): void {
    const known = this.running.get(conversation);
    // A doubt in a commit is the graver one: it holds up the log.
    if (known !== undefined && (known.doubtSeq === doubtSeq || doubtSeq === 0)) return;
    known?.cancel();
    const running: Running = { doubtSeq, asked: 0, cancel: () => undefined };
    this.running.set(conversation, running);
    this.inBackground(async () => this.askIn(conversation, running, await this.spreadMs(conversation)));
  }

  /** Another device doubts. */
  asked(frame: Extract<ServerFrame, { type: 'compare' }>): void {
    const { conversation, user, commitSeq } = frame;
    this.inBackground(async () => {
      const { memory, random, clock } = this.ports;
      const devices = await this.deviceCount(conversation);
      const isOwn = user === memory.profile.user;
      if (!isOwn && randomFraction(random) * devices >= wantedAnswers) return;
      const delayMs = isOwn ? 0 : await this.spreadMs(conversation);
      clock.setTimer(() => this.answer(conversation, commitSeq), delayMs);
    });
  }

  /** Something of the conversation was applied: a question may be answered now. */
  progressed(conversation: ConversationId): void {
    const commitSeq = this.owed.get(conversation);
    if (commitSeq !== undefined) this.answer(conversation, commitSeq);
  }

  /** Live again: what waited for a connection is asked now. */
  wakeAll(): void {
    for (const [conversation, running] of this.running) this.askIn(conversation, running, 0);
  }

  /** Another generation of the server: what was doubted in the old logs, these do not hold. */
  forget(): void {
    for (const running of this.running.values()) running.cancel();
    this.running.clear();
    this.owed.clear();
  }

  private answer(conversation: ConversationId, commitSeq: number): void {
    const row = this.ports.memory.conversations.get(conversation);
    // Who asks states the same; who waits to get back in has nothing to state.
    if (row?.phase !== 'active' || this.running.has(conversation) || !this.ports.isLive()) return;
    if (row.lastCommitSeq < commitSeq) {
      if (this.owed.size < maxOwed) this.owed.set(conversation, commitSeq);
      return;
    }
    this.owed.delete(conversation);
    this.inBackground(async () => {
      const statement = await this.statement(row, 0);
      if (statement !== null) await this.state(conversation, { purpose: 'answer', commitSeq, statement });
    });
  }

  private askIn(conversation: ConversationId, running: Running, delayMs: number): void {
    running.cancel();
    running.cancel = this.ports.clock.setTimer(
      () => this.inBackground(() => this.ask(conversation, running)),
      delayMs,
    );
  }

  private async ask(conversation: ConversationId, running: Running): Promise<void> {
    const { memory, isLive } = this.ports;
    const row = memory.conversations.get(conversation);
    if (this.running.get(conversation) !== running) return;
    if (row?.phase !== 'active') return this.conclude(conversation, running, 'off');
    // Going live wakes it.
    if (!isLive()) return;
    const statement = await this.statement(row, running.doubtSeq);
    if (statement === null) return this.conclude(conversation, running, 'off');
    const commitSeq = Math.max(running.doubtSeq, row.lastCommitSeq);
    const nextMs = askAfterMs[Math.min(running.asked + 1, askAfterMs.length - 1)] ?? 0;
    // Set first: an answer that fails is asked for again.
    this.askIn(conversation, running, Math.max(nextMs, askAfterMs[1]));
    const stated = await this.state(conversation, { purpose: 'ask', commitSeq, statement });
    running.asked++;
    const { user, device } = memory.profile;
    const verdict = judgeComparison({
      own: { user, device },
      statement,
      stated,
      users: await this.users(conversation),
      wait: running.asked >= askAfterMs.length ? 'is-over' : 'goes-on',
    });
    if (verdict !== null && this.running.get(conversation) === running)
      await this.conclude(conversation, running, verdict);
  }

  private async conclude(
    conversation: ConversationId,
    running: Running,
    verdict: ComparisonVerdict,
  ): Promise<void> {
    running.cancel();
    this.running.delete(conversation);
    const { steps, memory, clock, random, settled, wake } = this.ports;
    if (running.doubtSeq !== 0) return settled(conversation, { seq: running.doubtSeq, verdict });
    await steps.run('repair/conclude', async (transaction) => {
      const row = await transaction.get(tables.conversations, conversation);
      if (row?.phase !== 'active') return;
      const next =
        verdict === 'agreed'
          ? { ...row, failuresInRow: 0 }
          : await beginRejoin({ transaction, memory, clock, random }, row);
      putConversation(transaction, next);
      transaction.after(() => wake(conversation));
    });
  }

  private async state(
    conversation: ConversationId,
    params: {
      readonly purpose: 'ask' | 'answer';
      readonly commitSeq: number;
      readonly statement: EpochStatement;
    },
  ): Promise<readonly Stated[]> {
    const { purpose, commitSeq } = params;
    const { statements } = await this.ports.api.call(conversationRoutes.compare, {
      path: { conversation },
      request: { purpose, commitSeq, statement: encode(epochStatement, params.statement) },
    });
    return statements.flatMap(({ user, device, statement }) => {
      const read = readStatement(statement);
      return read === null ? [] : [{ user, device, statement: read }];
    });
  }

  /** Of the group as it is, not as it was noted: it may have been put back. `null` when there is none. */
  private async statement(row: ConversationRow, doubtSeq: number): Promise<EpochStatement | null> {
    const { engine, steps } = this.ports;
    const state = await steps.reader().group({ conversation: row.id, suite: row.suite });
    if (state === null) return null;
    return statementOf({ row, doubtSeq, digest: epochDigest({ engine, state }) });
  }

  private async users(conversation: ConversationId): Promise<ReadonlySet<UserId>> {
    const roster = await this.ports.steps.reader().get(tables.rosters, conversation);
    return new Set((roster?.members ?? []).map(({ user }) => user));
  }

  private async deviceCount(conversation: ConversationId): Promise<number> {
    return (await this.ports.steps.reader().get(tables.rosters, conversation))?.members.length ?? 0;
  }

  private async spreadMs(conversation: ConversationId): Promise<number> {
    const devices = await this.deviceCount(conversation);
    return Math.floor(randomFraction(this.ports.random) * Math.min(maxSpreadMs, devices * spreadPerDeviceMs));
  }

  private inBackground(work: () => Promise<void>): void {
    this.ports.inBackground('comparison', work);
  }
}

function readStatement(bytes: Uint8Array): EpochStatement | null {
  try {
    return decode(epochStatement, bytes);
  } catch (error) {
    // Another member's nonsense, or a server's: as if nothing had been stated.
    if (error instanceof MalformedError) return null;
    throw error;
  }
}
