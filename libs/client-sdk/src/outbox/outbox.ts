/**
 * Carries out intents, one per conversation at a time (see `intents.ts` for why), several conversations at once.
 *
 * Invariants:
 * - Bytes are sent only after the step that made them was written, and are sent again, the same, until the server
 *   has answered or the log shows them. There is no other way to lose or repeat a message here.
 * - A message is finished by the answer or by its echo, whichever comes first; a commit only by its echo.
 * - Bytes that the server refused as stale are thrown away together with their envelope id, after the log was
 *   read up to the commit that made them stale, or as far as it is shown (`wait-for-commit.ts`).
 * - With no connection nothing is encrypted: what waits is the wish, so that it is encrypted once, for the group
 *   as it is when it can be sent.
 */
import type { DeviceKeys, MlsEngine } from '@cipherchat/crypto';
import {
  ProblemError,
  type ClientFrame,
  type ConversationId,
  type EnvelopeId,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { backoffMs } from '../connection/backoff.js';
import { isExpectedFailure } from '../connection/expected-failure.js';
import type { ClaimPorts } from '../keys/claim.js';
import type { Contacts } from '../keys/contacts.js';
import { conversationsToGive, planProfile } from '../people/profiles.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import { HaltedError, type Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { Exchange } from './exchange.js';
import { planHealing } from './healing.js';
import { dueAtMs, headIntent, nextTimeMs, type IntentRow } from './intents.js';
import type { NamedCommit } from './wait-for-commit.js';
import { nextAction, type Action } from './next-action.js';
import { perform, type Performed } from './perform.js';

export type OutboxPorts = ClaimPorts & {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly contacts: Contacts;
  readonly engine: MlsEngine;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly isLive: () => boolean;
  readonly serverOffsetMs: () => number;
  readonly send: (frame: ClientFrame) => boolean;
  readonly isCaughtUp: (conversation: ConversationId) => boolean;
  /** An envelope of ours has its place in the log. */
  readonly deliver: (frame: Extract<ServerFrame, { type: 'deliver' }>) => void;
  /** The log goes at least this far: read it. */
  readonly noteHead: (conversation: ConversationId, seq: number) => void;
  readonly checkLeaves: (conversation: ConversationId) => Promise<void>;
  readonly fault: (during: string, error: unknown) => void;
};

/** Conversations that are being worked on at once; the others wait their turn. */
const maxWorkers = 8;

export class Outbox {
  readonly exchange: Exchange;
  private readonly working = new Set<ConversationId>();
  /** Woken while being worked on, or while all workers were busy. */
  private readonly waiting = new Set<ConversationId>();
  private readonly timers = new Map<ConversationId, CancelTimer>();
  private readonly failures = new Map<ConversationId, number>();
  /** Prepared in this run of the program and not yet given to a socket. */
  readonly neverHanded = new Set<EnvelopeId>();
  /** Refused for good, by conversation: the log has the last word. */
  readonly refused = new Map<ConversationId, EnvelopeId>();
  /** The last commit that a refusal named, by conversation. */
  readonly namedCommits = new Map<ConversationId, NamedCommit>();

  constructor(readonly ports: OutboxPorts) {
    this.exchange = new Exchange(ports);
  }

  /** Something changed that may let the conversation's intents go on. */
  wake(conversation: ConversationId): void {
    if (this.working.has(conversation) || this.working.size >= maxWorkers) {
      this.waiting.add(conversation);
      return;
    }
    this.waiting.delete(conversation);
    this.timers.get(conversation)?.();
    this.timers.delete(conversation);
    this.working.add(conversation);
    void this.work(conversation).finally(() => {
      this.working.delete(conversation);
      const next = this.waiting.values().next();
      if (next.done !== true) this.wake(next.value);
    });
  }

  /** Live now: everything that waited may go on. */
  wakeAll(): void {
    this.failures.clear();
    for (const conversation of new Set(
      [...this.ports.memory.intents.values()].map((intent) => intent.conversation),
    ))
      this.wake(conversation);
    this.wakeToGive();
  }

  /** Whose members do not all have this account's profile. */
  wakeToGive(): void {
    for (const { id } of conversationsToGive(this.ports.memory)) this.wake(id);
  }

  answered(frame: Extract<ServerFrame, { type: 'appended' | 'problem' }>): void {
    this.exchange.answered(frame);
  }

  disconnected(): void {
    this.exchange.disconnected();
  }

  private async work(conversation: ConversationId): Promise<void> {
    try {
      for (;;) {
        this.waiting.delete(conversation);
        const performed = await this.advance(conversation);
        if (performed.kind === 'again-later') return this.wakeLater(conversation, performed.afterMs);
        if (performed.kind === 'again-at')
          return this.setTimer(conversation, Math.max(0, performed.atMs - this.ports.clock.nowMs()));
        if (performed.kind === 'waiting' && !this.waiting.has(conversation)) return;
        if (performed.kind === 'progressed') this.failures.delete(conversation);
      }
    } catch (error) {
      if (error instanceof HaltedError) return;
      if (!isExpectedFailure(error)) this.ports.fault(`outbox ${conversation}`, error);
      this.wakeLater(conversation, error instanceof ProblemError ? error.retryAfterMs : 0);
    }
  }

  private async advance(conversation: ConversationId): Promise<Performed> {
    const { memory, steps, clock } = this.ports;
    const row = memory.conversations.get(conversation);
    const intent = headIntent({ intents: memory.intents.values(), conversation, nowMs: clock.nowMs() });
    if (row === undefined) return { kind: 'waiting' };
    if (intent === null)
      return (await planProfile(this.ports, row)) ? { kind: 'progressed' } : planHealing(this.ports, row);
    const roster = (await steps.reader().get(tables.rosters, conversation))?.members ?? [];
    const action = this.decide(intent, roster);
    if (action === null) return { kind: 'waiting' };
    const performed = await perform(this, { intent, action });
    if (performed.kind !== 'waiting') return performed;
    // What it waits for may be done by one that waits for its time (a rejoin, after its jitter).
    const atMs = nextTimeMs({ intents: memory.intents.values(), conversation, nowMs: clock.nowMs() });
    return atMs === null ? performed : { kind: 'again-at', atMs };
  }

  /** `null` when the intent is gone since. */
  private decide(intent: IntentRow, roster: Parameters<typeof nextAction>[0]['roster']): Action | null {
    const { memory, clock, isLive, isCaughtUp, serverOffsetMs } = this.ports;
    const conversation = memory.conversations.get(intent.conversation);
    if (conversation === undefined || memory.intents.get(intent.key) !== intent) return null;
    const nowMs = clock.nowMs();
    return nextAction({
      self: memory.profile.user,
      intent,
      conversation,
      roster,
      dueAtMs: dueAtMs({ intents: memory.intents.values(), intent }),
      isLive: isLive(),
      isCaughtUp: isCaughtUp(intent.conversation),
      nowMs,
      serverNowMs: nowMs + serverOffsetMs(),
      neverHanded: intent.state.kind === 'prepared' && this.neverHanded.has(intent.state.envelope),
    });
  }

  /** Waits at least `afterMs`, longer with each failure in a row. */
  private wakeLater(conversation: ConversationId, afterMs: number): void {
    const failures = this.failures.get(conversation) ?? 0;
    this.failures.set(conversation, failures + 1);
    this.setTimer(conversation, afterMs + backoffMs({ failures, random: this.ports.random }));
  }

  private setTimer(conversation: ConversationId, delayMs: number): void {
    this.timers.get(conversation)?.();
    this.timers.set(
      conversation,
      this.ports.clock.setTimer(() => this.wake(conversation), delayMs),
    );
  }
}
