/** What goes when its time is over, and what does not. Real: the steps and the tables. */
import { describe, expect, it } from '@jest/globals';
import {
  idFromBytes,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type UserId,
} from '@cipherchat/protocol';
import { noEffects } from '../messages/effects.js';
import { putMessage } from '../messages/message-table.js';
import type { ClientEvent } from '../events.js';
import { Memory } from '../state/memory.js';
import type { MessageRow, ProfileRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { quietSteps } from '../testing/quiet-steps.js';
import { textOnDisk } from '../testing/disk-search.js';
import { disappear } from './disappear.js';

const id = <T extends string>(byte: number): T => idFromBytes<T>(new Uint8Array(16).fill(byte));
const conversation = id<ConversationId>(1);
const [self, other] = [
  { user: id<UserId>(2), device: id<DeviceId>(3) },
  { user: id<UserId>(4), device: id<DeviceId>(5) },
];
const message = id<MessageId>(6);
const early = keyOf.messagePlace(conversation, message);
const dueMs = 1_000_000;
const expiry = { conversation, message, dueMs };

const received: MessageRow = {
  message,
  conversation,
  place: '0000000000000007.02',
  seq: 7,
  atMs: 0,
  sender: other,
  body: { kind: 'text', text: 'a secret' },
  disappears: { afterS: 60, dueMs },
  state: { kind: 'received' },
};

async function onDisk(fill: (transaction: Transaction) => void) {
  const disk = createMemoryDisk();
  const store = createMemoryStore(disk);
  const memory = new Memory(self as ProfileRow);
  const events: ClientEvent[] = [];
  const steps = await quietSteps(store, memory, { publishEvent: (event) => events.push(event) });
  await steps.run('inbox/apply-entries', fill);
  const sweep = (): Promise<void> =>
    steps.run('expiry/sweep', (transaction) => disappear({ transaction, memory }, expiry));
  return { disk, steps, events, sweep };
}

describe('a message whose time is over', () => {
  it('goes, and its id stays known', async () => {
    const { disk, steps, events, sweep } = await onDisk((transaction) => {
      putMessage(transaction, { before: null, after: received });
      transaction.put(tables.expiries, keyOf.expiry(expiry), expiry);
    });
    await sweep();
    expect(textOnDisk(disk, 'a secret')).toEqual([]);
    expect(await steps.reader().get(tables.messagePlaces, early)).toBe(received.place);
    expect(disk.tables.get(tables.expiries.name)?.size).toBe(0);
    expect(events).toContainEqual({ type: 'message-removed', data: { conversation, message } });
  });

  it.each([
    ['stays', { ...received, disappears: undefined }],
    ['is not read yet', { ...received, disappears: { afterS: 60 } }],
    ['is due later', { ...received, disappears: { afterS: 60, dueMs: dueMs + 1 } }],
  ])('is none that %s, whatever counted for it', async (_, row) => {
    const { disappears, ...rest } = row;
    const after: MessageRow = disappears === undefined ? rest : { ...rest, disappears };
    const { disk, events, sweep } = await onDisk((transaction) =>
      putMessage(transaction, { before: null, after }),
    );
    await sweep();
    expect(textOnDisk(disk, 'a secret')).not.toEqual([]);
    expect(events.map(({ type }) => type)).not.toContain('message-removed');
  });

  it('leaves nothing that was done to it before it came, but that it was deleted', async () => {
    const edit = { user: other.user, text: 'better words', place: '0000000000000009.02', atMs: 0 };
    const { disk, steps, sweep } = await onDisk((transaction) =>
      transaction.put(tables.earlyEffects, early, {
        ...noEffects,
        edits: [edit],
        deletedBy: [other.user],
        dueMs,
      }),
    );
    await sweep();
    expect(textOnDisk(disk, 'better words')).toEqual([]);
    expect(await steps.reader().get(tables.earlyEffects, early)).toEqual({
      ...noEffects,
      deletedBy: [other.user],
    });
  });
});
