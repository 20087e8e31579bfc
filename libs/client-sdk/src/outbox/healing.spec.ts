/** When a device plans to renew its leaf. Real: the steps, and a disk on which a successor may have written. */
import { describe, expect, it } from '@jest/globals';
import { idFromBytes, type ConversationId } from '@cipherchat/protocol';
import { newConversationRow } from '../conversations/conversation-row.js';
import { Memory } from '../state/memory.js';
import type { ProfileRow } from '../state/rows.js';
import { tables } from '../state/tables.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { quietSteps } from '../testing/quiet-steps.js';
import { planHealing } from './healing.js';

const fresh = newConversationRow({
  id: idFromBytes<ConversationId>(new Uint8Array(16).fill(1), 0),
  kind: 'group',
  phase: 'active',
  standing: 'accepted',
  peer: null,
  suite: 1,
  nowMs: 0,
});
const due = { ...fresh, healing: { ...fresh.healing, sentSinceUpdate: 1 } };

async function planWith(onDisk: typeof fresh) {
  const disk = createMemoryDisk();
  const store = createMemoryStore(disk);
  const memory = new Memory({} as ProfileRow);
  const steps = await quietSteps(store, memory);
  await steps.run('settings/read-marks', (transaction) =>
    transaction.put(tables.conversations, onDisk.id, onDisk),
  );
  const ports = {
    steps,
    memory,
    clock: { nowMs: () => 1_000, setTimer: () => () => undefined },
    random: (lengthBytes: number) => new Uint8Array(lengthBytes),
    isLive: () => true,
  };
  return { performed: await planHealing(ports, due), intents: memory.intents.size };
}

describe('healing', () => {
  it('is planned after the first message', async () => {
    expect(await planWith(due)).toEqual({ performed: { kind: 'progressed' }, intents: 1 });
  });

  // It was superseded and does not know it yet: to look again at once would be to look for ever.
  it('waits when only the memory says that it is due', async () => {
    expect(await planWith(fresh)).toEqual({ performed: { kind: 'waiting' }, intents: 0 });
  });
});
