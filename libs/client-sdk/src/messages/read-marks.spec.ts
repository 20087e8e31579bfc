import { describe, expect, it } from '@jest/globals';
import { idFromBytes, type ConversationId, type DeviceId, type UserId } from '@cipherchat/protocol';
import { newConversationRow } from '../conversations/conversation-row.js';
import type { ConversationRow } from '../state/rows.js';
import { seededRandom, VirtualClock } from '../testing/virtual-clock.js';
import { ReadMarks } from './read-marks.js';

const [conversation, user, device] = [1, 2, 3].map((byte) =>
  idFromBytes<string>(new Uint8Array(16).fill(byte), 0),
) as [ConversationId, UserId, DeviceId];
const ciphertext = Uint8Array.of(1, 2, 3);
const row: ConversationRow = {
  ...newConversationRow({
    id: conversation,
    kind: 'group',
    phase: 'active',
    standing: 'accepted',
    peer: null,
    suite: 0x004e,
    nowMs: 0,
  }),
  readSeq: 7,
  minCommitSeq: 3,
};

/** `atStep`: the row as it is by the time that the step comes to it. */
async function passedOn(atStep: ConversationRow, bytes = ciphertext): Promise<readonly unknown[]> {
  const written: unknown[] = [];
  const transaction = {
    get: () => Promise.resolve(atStep),
    put: (_table: unknown, _key: unknown, after: unknown) => written.push(after),
  };
  const marks = new ReadMarks({
    steps: { run: (_: string, decide: (of: typeof transaction) => Promise<void>) => decide(transaction) },
    memory: { conversations: new Map([[conversation, row]]), device: { readMarks: 'sent' } },
    clock: new VirtualClock(),
    random: seededRandom(1),
    isLive: () => true,
    pass: () => ({ ciphertext, epoch: 5n }),
  } as never);
  marks.send(conversation);
  await marks.passedOn({ type: 'signal', conversation, user, device, kind: 'read', ciphertext: bytes });
  return written;
}

describe('a mark that the server has passed on', () => {
  it('is sent', async () => {
    expect(await passedOn(row)).toEqual([{ ...row, sentReadSeq: 7, sentReadEpoch: 5n }]);
  });

  it('is not, for those who have joined before this was written: they cannot read it', async () => {
    expect(await passedOn({ ...row, minCommitSeq: 9 })).toEqual([]);
  });

  it('is the one that was handed over last: another of this device tells nothing of it', async () => {
    expect(await passedOn(row, Uint8Array.of(1, 2, 4))).toEqual([]);
  });
});
