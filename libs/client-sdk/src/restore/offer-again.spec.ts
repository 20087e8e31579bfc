/** What waits to be sent again, and until when. Real: the steps and the tables. */
import { describe, expect, it } from '@jest/globals';
import {
  idFromBytes,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type UserId,
} from '@cipherchat/protocol';
import { newConversationRow } from '../conversations/conversation-row.js';
import { isDue } from '../outbox/intents.js';
import { Memory } from '../state/memory.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { ConversationRow, MessageRow, ProfileRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { quietSteps } from '../testing/quiet-steps.js';
import { offerToJoined } from './offer-again.js';

const id = <T extends string>(byte: number): T => idFromBytes<T>(new Uint8Array(16).fill(byte));
const conversation = id<ConversationId>(1);
const self = { user: id<UserId>(2), device: id<DeviceId>(3) };
const nowMs = 1_000_000;

const fresh = newConversationRow({
  id: conversation,
  kind: 'group',
  phase: 'active',
  standing: 'accepted',
  peer: null,
  suite: 1,
  nowMs,
});
const row: ConversationRow = {
  ...fresh,
  lostByRestore: {
    afterPlace: '',
    atMs: nowMs,
    removedUsers: [],
    sameUntilSeq: 0,
    mergedSeq: null,
    hasAnchored: false,
  },
};

function sent(seq: number, atMs: number): MessageRow {
  return {
    message: id<MessageId>(10 + seq),
    conversation,
    place: placeInLog({ row, seq, part: entryParts.message }),
    seq,
    atMs,
    sender: self,
    body: { kind: 'text', text: `text ${seq}` },
    counter: seq,
    state: { kind: 'sent' },
  };
}

async function offered(messages: readonly MessageRow[]) {
  const store = createMemoryStore(createMemoryDisk());
  const memory = new Memory(self as ProfileRow);
  const steps = await quietSteps(store, memory);
  const clock = { nowMs: () => nowMs, setTimer: () => () => undefined };
  const random = (lengthBytes: number) => new Uint8Array(lengthBytes);
  await steps.run('inbox/apply-entries', (transaction) => {
    for (const message of messages)
      transaction.put(tables.messages, keyOf.message(conversation, message.place), message);
  });
  await steps.run('inbox/apply-entries', (transaction) =>
    offerToJoined({ transaction, memory, clock, random }, { row, joined: null }),
  );
  return [...memory.intents.values()];
}

describe('what is offered again to a device that joined anew', () => {
  // Several devices join one after the other: without a wait each would cause a round of its own.
  it('waits for others that join, also where the clock of the server is ahead of ours', async () => {
    const intents = await offered([sent(1, nowMs - 5_000), sent(2, nowMs + 3_600_000)]);
    expect(intents.map(({ work }) => work.kind === 'message' && work.counter)).toEqual([1, 2]);
    for (const intent of intents) expect(isDue(intent, nowMs)).toBe(false);
  });
});
