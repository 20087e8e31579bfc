import {
  idFromBytes,
  limits,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MessageId,
  type UserId,
} from '@cipherchat/protocol';
import { describe, expect, it } from '@jest/globals';
import { newConversationRow } from '../conversations/conversation-row.js';
import type { ConversationRow, LeafCheck, RosterMember } from '../state/rows.js';
import {
  dueAtMs,
  headIntent,
  intentKey,
  type IntentRow,
  type IntentState,
  type IntentWork,
} from './intents.js';
import { nextAction, type Situation } from './next-action.js';

const id = <T extends string>(byte: number): T => idFromBytes<T>(new Uint8Array(16).fill(byte));
const conversation = id<ConversationId>(1);
const message: IntentWork = { kind: 'message', message: id<MessageId>(2), body: { kind: 'text', text: 'x' } };
const envelope = id<EnvelopeId>(3);
const prepared: IntentState = { kind: 'prepared', as: 'message', envelope, commitSeq: 5, preparedAtMs: 0 };

function intent(change: Partial<IntentRow> = {}): IntentRow {
  const state: IntentState = { kind: 'queued' };
  return {
    key: intentKey(1),
    conversation,
    work: message,
    state,
    addedAtMs: 0,
    notBeforeMs: 0,
    attempts: 0,
    claimed: [],
    ...change,
  };
}

/** A message that is sent again after a restore of the server. */
function numbered(key: number, counter: number, notBeforeMs = 0): IntentRow {
  if (message.kind !== 'message') throw new Error('no message');
  return intent({ key: intentKey(key), notBeforeMs, work: { ...message, counter } });
}

function row(change: Partial<ConversationRow> = {}): ConversationRow {
  const made = newConversationRow({
    id: conversation,
    kind: 'direct',
    phase: 'active',
    standing: 'accepted',
    peer: id<UserId>(4),
    suite: 1,
    nowMs: 0,
  });
  return { ...made, lastCommitSeq: 5, minCommitSeq: 5, ...change };
}

function member(check: LeafCheck): RosterMember {
  const leaf = { leafIndex: 1, leafKey: new Uint8Array(32), check };
  return { user: id<UserId>(4), device: id<DeviceId>(5), ...leaf, sincePlace: '' };
}

function situation(change: Partial<Situation> = {}): Situation {
  const base = { isLive: true, isCaughtUp: true, nowMs: 1_000, serverNowMs: 1_000, neverHanded: false };
  const self = id<UserId>(6);
  const dueAtMs = change.intent?.notBeforeMs ?? 0;
  const known = { self, intent: intent(), conversation: row(), roster: [member('genuine')], dueAtMs };
  return { ...known, ...base, ...change };
}

describe('a message that waits', () => {
  it('is encrypted when live, caught up, and everyone is who they seem', () => {
    expect(nextAction(situation())).toEqual({ kind: 'prepare' });
  });

  it('is not encrypted without a connection, behind the log, or before this device is a member', () => {
    expect(nextAction(situation({ isLive: false }))).toEqual({ kind: 'wait' });
    expect(nextAction(situation({ isCaughtUp: false }))).toEqual({ kind: 'wait' });
    for (const phase of ['creating', 'joining', 'rejoining'] as const)
      expect(nextAction(situation({ conversation: row({ phase }) }))).toEqual({ kind: 'wait' });
  });

  it('is not encrypted for a conversation that a restore of the server took, until it is founded again', () => {
    const lost = row({ lastCommitSeq: 0, minCommitSeq: 0 });
    expect(nextAction(situation({ conversation: lost }))).toEqual({ kind: 'wait' });
    const anchor = intent({ work: { kind: 'anchor' } });
    expect(nextAction(situation({ conversation: lost, intent: anchor }))).toEqual({ kind: 'prepare' });
  });

  it('waits for a leaf to be looked at, or to be removed, and fails for a changed account key', () => {
    expect(nextAction(situation({ roster: [member('genuine'), member('unchecked')] }))).toEqual({
      kind: 'check-leaves',
    });
    expect(nextAction(situation({ roster: [member('device-not-listed')] }))).toEqual({ kind: 'wait' });
    expect(nextAction(situation({ roster: [member('account-key-changed')] }))).toEqual({
      kind: 'fail',
      failure: 'member-not-verified',
    });
  });

  it('fails in a 1:1 that others are in', () => {
    const other = { ...member('genuine'), user: id<UserId>(7) };
    const own = { ...member('genuine'), user: id<UserId>(6) };
    const roster = [member('genuine'), own, other];
    expect(nextAction(situation({ roster }))).toEqual({ kind: 'fail', failure: 'others-in-direct' });
    expect(nextAction(situation({ roster: [member('genuine'), own] }))).toEqual({ kind: 'prepare' });
    expect(nextAction(situation({ roster, conversation: row({ kind: 'group' }) }))).toEqual({
      kind: 'prepare',
    });
  });

  it('fails when this device was removed', () => {
    expect(nextAction(situation({ conversation: row({ phase: 'removed' }) }))).toEqual({
      kind: 'fail',
      failure: 'removed-from-conversation',
    });
  });
});

describe('a message that is encrypted', () => {
  it('is sent, the same, also when the group has moved on since it was first sent', () => {
    const later = row({ lastCommitSeq: 9, minCommitSeq: 9 });
    expect(nextAction(situation({ intent: intent({ state: prepared }), conversation: later }))).toEqual({
      kind: 'send',
    });
  });

  it('is made anew when it never left this device and a member was removed since', () => {
    const later = row({ lastCommitSeq: 9, minCommitSeq: 9 });
    expect(
      nextAction(situation({ intent: intent({ state: prepared }), conversation: later, neverHanded: true })),
    ).toEqual({ kind: 'requeue' });
    const updated = row({ lastCommitSeq: 9 });
    expect(
      nextAction(
        situation({ intent: intent({ state: prepared }), conversation: updated, neverHanded: true }),
      ),
    ).toEqual({ kind: 'send' });
  });

  it('is given up a day before the server forgets that it has it', () => {
    const at = (serverNowMs: number) =>
      nextAction(situation({ intent: intent({ state: prepared }), serverNowMs }));
    expect(at(limits.resendForMs)).toEqual({ kind: 'send' });
    expect(at(limits.resendForMs + 1)).toEqual({ kind: 'fail', failure: 'expired' });
  });
});

describe('an accepted commit', () => {
  it('is looked for in the log', () => {
    const state: IntentState = { kind: 'accepted', envelope, seq: 7 };
    expect(nextAction(situation({ intent: intent({ work: { kind: 'update' }, state }) }))).toEqual({
      kind: 'fetch',
      seq: 7,
    });
  });

  it('is not looked for again where the log was read already', () => {
    const state: IntentState = { kind: 'accepted', envelope, seq: 7 };
    const conversation = row({ cursorSeq: 7 });
    const accepted = situation({ conversation, intent: intent({ work: { kind: 'update' }, state }) });
    expect(nextAction(accepted)).toEqual({ kind: 'wait' });
  });
});

describe('healing', () => {
  const update = intent({ work: { kind: 'update' } });
  it('is dropped when another commit of ours has healed since, and done otherwise', () => {
    expect(nextAction(situation({ intent: update }))).toEqual({ kind: 'drop' });
    const due = row({ healing: { sentSinceUpdate: 50, updatedAtMs: 0, repliedOnce: true } });
    expect(nextAction(situation({ intent: update, conversation: due }))).toEqual({ kind: 'prepare' });
  });

  it('waits for its time', () => {
    expect(nextAction(situation({ intent: { ...update, notBeforeMs: 5_000 } }))).toEqual({
      kind: 'wait-until',
      atMs: 5_000,
    });
  });

  it('does not wait for a time that a clock which was set back has put out of reach', () => {
    const due = row({ healing: { sentSinceUpdate: 50, updatedAtMs: 0, repliedOnce: true } });
    const added = { ...update, addedAtMs: 90_000_000, notBeforeMs: 90_005_000 };
    expect(nextAction(situation({ intent: added, conversation: due }))).toEqual({ kind: 'prepare' });
  });
});

describe('the time of a message that is sent again', () => {
  const waiting = numbered(3, 4, 9_000);
  const dueAt = (...others: readonly IntentRow[]) =>
    dueAtMs({ intents: [...others, waiting].values(), intent: waiting });

  it('is its own, unless something was written since: that waits a second for it', () => {
    expect(dueAt()).toBe(9_000);
    expect(dueAt(numbered(4, 5))).toBe(9_000);
    expect(dueAt(intent({ work: { kind: 'update' } }))).toBe(9_000);
    expect(dueAt({ ...intent({ addedAtMs: 500 }), conversation: id<ConversationId>(9) })).toBe(9_000);
    expect(dueAt(intent({ addedAtMs: 4_000 }), intent({ addedAtMs: 3_000 }))).toBe(4_000);
    expect(dueAt(intent({ addedAtMs: 8_500 }))).toBe(9_000);
  });

  it('is waited for until then', () => {
    const { nowMs } = situation();
    const at = (dueAtMs: number) => nextAction({ ...situation({ intent: waiting }), dueAtMs });
    expect(at(nowMs + 1)).toEqual({ kind: 'wait-until', atMs: nowMs + 1 });
    expect(at(nowMs)).toEqual({ kind: 'prepare' });
  });
});

describe('the intent that may act', () => {
  // To be read once only, as the rows in memory are.
  const head = (intents: readonly IntentRow[]) =>
    headIntent({ intents: intents.values(), conversation, nowMs: 1_000 })?.key;
  const [first, second] = [intent({ key: intentKey(1) }), intent({ key: intentKey(2) })];

  it('is the oldest, whatever order they are read in', () => {
    expect(head([second, first])).toBe(first.key);
    expect(head([])).toBeUndefined();
    expect(head([{ ...first, conversation: id<ConversationId>(9) }])).toBeUndefined();
  });

  it('is the one under way before any other', () => {
    expect(head([first, { ...second, state: prepared }])).toBe(second.key);
  });

  it('is a removal of a bad leaf before what waits for it', () => {
    expect(head([first, { ...second, work: { kind: 'remove-devices', devices: [] } }])).toBe(second.key);
  });

  it('is the way back into the group before what only a member can do', () => {
    const removal: IntentRow = { ...first, work: { kind: 'remove-devices', devices: [] } };
    const mend: IntentRow = { ...first, work: { kind: 'mend' } };
    const ask: IntentRow = { ...second, work: { kind: 'ask-readd', envelope: id(3) } };
    for (const blocked of [removal, mend, first]) {
      expect(head([blocked, { ...second, work: { kind: 'rejoin' } }])).toBe(second.key);
      expect(head([blocked, ask])).toBe(second.key);
    }
  });

  it('is the anchor before what the server refuses until there is one', () => {
    const anchor: IntentRow = { ...second, work: { kind: 'anchor' } };
    for (const work of [{ kind: 'remove-devices', devices: [] }, { kind: 'mend' }] as const)
      expect(head([{ ...first, work }, anchor])).toBe(anchor.key);
    expect(head([anchor, { ...first, work: { kind: 'rejoin' } }])).toBe(first.key);
  });

  it('is a message that is sent again before those behind it, wherever it is in the queue and however long it waits', () => {
    const waiting = numbered(3, 4, 9_000);
    expect(head([first, waiting])).toBe(waiting.key);
    expect(head([first, numbered(4, 5), waiting])).toBe(waiting.key);
    expect(head([{ ...first, state: prepared }, waiting])).toBe(first.key);
    expect(head([{ ...first, work: { kind: 'rejoin' } }, waiting])).toBe(first.key);
    expect(head([{ ...waiting, conversation: id<ConversationId>(9) }, first])).toBe(first.key);
  });

  it('is not one that waits for its time, unless there is no other', () => {
    const waiting = { ...first, notBeforeMs: 9_000 };
    expect(head([waiting, second])).toBe(second.key);
    expect(head([waiting])).toBe(waiting.key);
  });

  it('is an anchor also while it waits for its time: the server would refuse the others', () => {
    const anchor: IntentRow = { ...second, work: { kind: 'anchor' }, notBeforeMs: 9_000 };
    expect(head([first, anchor])).toBe(anchor.key);
    expect(nextAction(situation({ intent: anchor, nowMs: 1_000 }))).toEqual({
      kind: 'wait-until',
      atMs: 9_000,
    });
    expect(head([{ ...first, work: { kind: 'rejoin' } }, anchor])).toBe(first.key);
  });
});
