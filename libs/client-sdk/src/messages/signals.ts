/** Read marks and what is said in passing: encrypted for the members, replaceable, never in the log. */
import { openSignal, sealSignal, type Momentary, type Signal } from '@cipherchat/crypto';
import type { ClientFrame, ConversationId, MemberDevice, ServerFrame } from '@cipherchat/protocol';
import type { ClientEvent } from '../events.js';
import { beginRead } from '../expiry/begin-expiry.js';
import type { Sweeper } from '../expiry/sweeper.js';
import { isBlocked } from '../people/blocks.js';
import type { Clock } from '../ports/clock.js';
import { Presence } from '../people/presence.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { only, tables } from '../state/tables.js';
import { ReadMarks, type PassedSignal } from './read-marks.js';
import { markRead, type ReadThrough } from './reading.js';
import type { Receipts } from './receipts.js';

export type SignalPorts = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly receipts: Receipts;
  readonly clock: Clock;
  readonly random: Random;
  readonly sweeper: Pick<Sweeper, 'beginAll'>;
  readonly isLive: () => boolean;
  readonly send: (frame: ClientFrame) => boolean;
  readonly emit: (event: ClientEvent) => void;
  readonly fault: (during: string, error: unknown) => void;
};

export class Signals {
  readonly presence: Presence;
  readonly readMarks: ReadMarks;

  constructor(private readonly ports: SignalPorts) {
    const pass = (row: ConversationRow, signal: Signal): PassedSignal | null => this.pass(row, signal);
    this.presence = new Presence({
      ...ports,
      say: (row, says) => void pass(row, { kind: 'momentary', says }),
    });
    this.readMarks = new ReadMarks({ ...ports, pass });
  }

  connected(): void {
    this.presence.connected();
    this.readMarks.sendAll();
  }

  disconnected(): void {
    this.presence.disconnected();
    this.readMarks.disconnected();
  }

  /** A signal of another device. One that does not open is dropped: it is replaceable, and forged at worst. */
  async receive(frame: Extract<ServerFrame, { type: 'signal' }>): Promise<void> {
    const { conversation, user, device, kind, ciphertext } = frame;
    const row = this.ports.memory.conversations.get(conversation);
    if (row === undefined) return;
    if (device === this.ports.memory.profile.device)
      return kind === 'read' ? this.readMarks.passedOn(frame) : undefined;
    const roster = await this.ports.steps.reader().get(tables.rosters, conversation);
    if (
      roster?.members.some(
        (member) => member.device === device && member.user === user && member.check === 'genuine',
      ) !== true
    )
      return;
    const opened = openSignal({ secrets: row.signalSecrets, conversation, device, kind, ciphertext });
    if (opened.kind === 'failure') return;
    const { signal } = opened;
    if (signal.kind === 'momentary' && row.standing !== 'accepted') return;
    if (signal.kind === 'momentary') return this.heard(row, { user, device, says: signal.says });
    if (user === this.ports.memory.profile.user)
      return this.markRead(conversation, { kind: 'seq', seq: signal.seq });
    this.ports.receipts.noteRead(conversation, { user, device, seq: signal.seq });
  }

  /** The person has seen everything up to there; members are told when marks are on. */
  async markRead(conversation: ConversationId, through: ReadThrough): Promise<void> {
    const { steps, memory, clock, sweeper } = this.ports;
    const begun = await steps.run('conversation/mark-read', async (transaction) => {
      await markRead({ transaction, memory }, { conversation, through });
      return beginRead({ transaction, memory }, { conversation, nowMs: clock.nowMs() });
    });
    if (begun === 'more') await sweeper.beginAll(conversation);
    this.readMarks.send(conversation);
  }

  sendTyping(conversation: ConversationId, active: boolean): void {
    const row = this.ports.memory.conversations.get(conversation);
    if (row !== undefined && this.ports.isLive())
      this.pass(row, { kind: 'momentary', says: active ? 'typing' : 'typing-stopped' });
  }

  private async heard(
    row: ConversationRow,
    { user, device, says }: MemberDevice & { readonly says: Momentary },
  ): Promise<void> {
    if (says !== 'typing' && says !== 'typing-stopped')
      return this.presence.heard({ row, user, device, says });
    const data = { conversation: row.id, user, device, typing: says === 'typing' };
    this.ports.emit({ type: 'typing', data });
  }

  /** Whether others are told what this person has seen. */
  async setReadMarks(readMarks: 'sent' | 'kept'): Promise<void> {
    await this.ports.steps.run('settings/read-marks', async (transaction) => {
      const device = (await transaction.get(tables.device, only)) ?? this.ports.memory.device;
      transaction.put(tables.device, only, { ...device, readMarks });
    });
    this.readMarks.sendAll();
  }

  private pass(row: ConversationRow, signal: Signal): PassedSignal | null {
    const { memory, random, send } = this.ports;
    const secret = row.signalSecrets.at(-1);
    if (secret === undefined || row.phase !== 'active') return null;
    // Who is not accepted, or blocked, is not to see what this person does.
    if (row.standing !== 'accepted') return null;
    if (row.peer !== null && isBlocked(memory, row.peer)) return null;
    const ciphertext = sealSignal({
      secret,
      conversation: row.id,
      device: memory.profile.device,
      signal,
      random,
    });
    const isTaken = send({ type: 'signal', conversation: row.id, kind: signal.kind, ciphertext });
    return isTaken ? { ciphertext, epoch: secret.epoch } : null;
  }
}
