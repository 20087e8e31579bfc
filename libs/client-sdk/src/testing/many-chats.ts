/** A store as it is after years: made by the steps that a client takes, without the network that they came through. */
import {
  idFromBytes,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type UserId,
} from '@cipherchat/protocol';
import { newConversationRow, putConversation } from '../conversations/conversation-row.js';
import { addMessage } from '../messages/message-table.js';
import { Memory } from '../state/memory.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { ProfileRow } from '../state/rows.js';
import { only, tables } from '../state/tables.js';
import type { Store } from '../store/store.js';
import { quietSteps } from './quiet-steps.js';

const suite = 0x004e;
/** Messages in one write. */
const perStep = 50;
const firstAtMs = 1_795_000_000_000;

/** An id for each number; ids of different kinds never meet. */
export function numbered<Id extends string>(kind: number, number: number): Id {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, kind);
  view.setUint32(12, number);
  return idFromBytes<Id>(bytes);
}

const self = { user: numbered<UserId>(1, 1), device: numbered<DeviceId>(2, 1) };
const other = { user: numbered<UserId>(1, 2), device: numbered<DeviceId>(2, 2) };

/** By number, from 0. */
export const chatId = (number: number): ConversationId => numbered(3, number);

/** A profile, and conversations with as many messages as `sizes` says, every other one ours, with these texts. */
export async function fillChats(params: {
  readonly store: Store;
  readonly sizes: readonly number[];
  readonly textOf: (message: number) => string;
}): Promise<void> {
  const { store, sizes, textOf } = params;
  const profile: ProfileRow = {
    serverUrl: 'http://model.test',
    ...self,
    username: 'ana',
    leafKey: new Uint8Array(32),
    leafSecret: new Uint8Array(32),
    accountKey: new Uint8Array(32),
    accountSecret: new Uint8Array(32),
    suite,
    registration: null,
    recovery: null,
  };
  const memory = new Memory(profile);
  const steps = await quietSteps(store, memory);
  await steps.run('session/registered', (transaction) => transaction.put(tables.profile, only, profile));
  let made = 0;
  for (const [chat, size] of sizes.entries()) {
    const id = chatId(chat);
    for (let from = 0; from < size; from += perStep) {
      await steps.run('inbox/apply-entries', async (transaction) => {
        const known = await transaction.get(tables.conversations, id);
        const fresh = {
          id,
          kind: 'group',
          phase: 'active',
          standing: 'accepted',
          peer: null,
          suite,
          nowMs: firstAtMs,
        } as const;
        const to = Math.min(size, from + perStep);
        const row = {
          ...(known ?? newConversationRow(fresh)),
          cursorSeq: to,
          lastActivityMs: firstAtMs + made,
        };
        putConversation(transaction, row);
        for (let seq = from + 1; seq <= to; seq++) {
          const isOwn = seq % 2 === 0;
          addMessage({
            transaction,
            view: { profile, conversation: row },
            row: {
              message: numbered<MessageId>(4, ++made),
              conversation: id,
              place: placeInLog({ row, seq, part: entryParts.message }),
              seq,
              atMs: firstAtMs + made,
              sender: isOwn ? self : other,
              body: { kind: 'text', text: textOf(made) },
              state: { kind: isOwn ? 'sent' : 'received' },
              ...(isOwn ? { counter: seq } : { unread: true }),
            },
          });
        }
      });
    }
  }
}

/** A store that tells what is read: of which tables, and how many rows each time. */
export function watchReads(store: Store) {
  const tablesRead: string[] = [];
  const rowsRead: number[] = [];
  return {
    tablesRead,
    rowsRead,
    store: {
      ...store,
      get: async (table, key) => {
        tablesRead.push(table);
        const found = await store.get(table, key);
        rowsRead.push(found === null ? 0 : 1);
        return found;
      },
      scan: async (query) => {
        tablesRead.push(query.table);
        const found = await store.scan(query);
        rowsRead.push(found.length);
        return found;
      },
    } satisfies Store,
  };
}
