/**
 * A device that was revoked, or whose person left: the server refuses it at once, and the members commit its
 * removal. The person's own other devices go first; of the others, whoever's wait is shortest.
 */
import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';
import { randomFraction, type Random } from '../ports/random.js';
import type { Clock } from '../ports/clock.js';
import { addIntent, intentsOf } from '../outbox/intent-table.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';

/** Own devices wait up to this long, others begin after it. */
const ownWaitMs = 1_000;
const othersWaitMs = 5_000;

export async function planRemoval(
  ports: {
    readonly steps: Steps;
    readonly memory: Memory;
    readonly clock: Clock;
    readonly random: Random;
    readonly wake: (conversation: ConversationId) => void;
  },
  departure: { readonly conversation: ConversationId; readonly user: UserId; readonly device: DeviceId },
): Promise<void> {
  const { memory, clock, random } = ports;
  const { conversation, user, device } = departure;
  if (device === memory.profile.device) return;
  await ports.steps.run('outbox/add-intent', async (transaction) => {
    const roster = await transaction.get(tables.rosters, conversation);
    const isPlanned = intentsOf({ transaction, memory, conversation }).some(
      ({ work }) => work.kind === 'remove-devices' && work.devices.some((target) => target.device === device),
    );
    if (isPlanned || roster?.members.some((member) => member.device === device) !== true) return;
    const waitMs = waitForOthersMs({ isOwn: user === memory.profile.user, random });
    const nowMs = clock.nowMs();
    const work = { kind: 'remove-devices', devices: [{ user, device }] } as const;
    await addIntent(
      { transaction, memory },
      { conversation, work, addedAtMs: nowMs, notBeforeMs: nowMs + waitMs },
    );
    transaction.after(() => ports.wake(conversation));
  });
}

/** How long to leave it to others who may do the same: the person's own devices go first. */
export function waitForOthersMs(params: { readonly isOwn: boolean; readonly random: Random }): number {
  const { isOwn, random } = params;
  const fraction = randomFraction(random);
  return Math.floor(isOwn ? fraction * ownWaitMs : ownWaitMs + fraction * othersWaitMs);
}
