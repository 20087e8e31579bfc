/**
 * The stays of devices in a conversation, and who may change them by a commit.
 *
 * A commit that is void for its members has changed them all the same, since the store cannot tell. The next
 * commit that is not void puts that right: it names the commit that its epoch stands on, and whoever it lists and
 * a later one had left out goes on with the stay of before, what came in between included. A lie about that
 * commit gives a device that is listed anyway ciphertext that it cannot decrypt, and no more.
 */
import type { CommitBundle, ConversationId, DeviceId, MemberDevice } from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import type { Prisma } from '../generated/prisma/client.js';
import type { DeviceListChange } from './device-list.js';

type Transaction = Prisma.TransactionClient;

/**
 * A member's device commits; into a conversation that has lost it, a device of a member user may come back by itself.
 * Who is no member may say that it was left out by a void commit, or by an anchor of a group that had gone less far.
 */
export function rightToCommit(params: {
  readonly caller: CurrentDevice;
  readonly members: readonly Prisma.MemberModel[];
  readonly kind: CommitBundle['kind'];
}): 'member' | 'appeal' | 'none' {
  const { caller, members, kind } = params;
  const own = members.find(({ deviceId }) => deviceId === caller.device);
  if (own !== undefined) return own.userId === caller.user && own.departingAt === null ? 'member' : 'none';
  const isOfMemberUser = members.some(
    ({ userId, departingAt }) => userId === caller.user && departingAt === null,
  );
  if (kind !== 'commit' && isOfMemberUser) return 'member';
  return kind === 'external-commit' ? 'none' : 'appeal';
}

/**
 * Whether the caller was a member at `epochSeq` and left later. Only members can tell whether it left by a void
 * commit, so a removed device can disturb with this: `bounds.maxAppealsPerStay` times.
 */
export async function takeAppeal(
  tx: Transaction,
  params: {
    readonly conversation: ConversationId;
    readonly caller: CurrentDevice;
    readonly epochSeq: number;
    /** Only a stay that ended behind this place counts. */
    readonly sinceSeq: bigint;
  },
): Promise<boolean> {
  const { conversation, caller, epochSeq, sinceSeq } = params;
  const stay = await tx.member.findFirst({
    where: { ...endedSince({ conversationId: conversation, epochSeq }), deviceId: caller.device },
    orderBy: { joinedSeq: 'desc' },
  });
  const isUpright = stay?.userId === caller.user && stay.departingAt === null;
  const isRecent = stay?.leftSeq != null && stay.leftSeq > sinceSeq;
  if (stay === null || !isUpright || !isRecent || stay.appeals >= bounds.maxAppealsPerStay) return false;
  const { conversationId, deviceId, joinedSeq } = stay;
  await tx.member.update({
    where: { conversationId_deviceId_joinedSeq: { conversationId, deviceId, joinedSeq } },
    data: { appeals: { increment: 1 } },
  });
  return true;
}

/** Who was removed before an administrator reset the group has nothing to say about how it goes on. */
export function appealsSince(
  { resetSeq }: Pick<Prisma.ConversationModel, 'resetSeq'>,
  { kind }: Pick<CommitBundle, 'kind'>,
): bigint {
  return kind === 'anchor' ? (resetSeq ?? 0n) : 0n;
}

/** Returns the added devices that were revoked meanwhile: they depart at once. */
export async function changeStays(
  tx: Transaction,
  params: {
    readonly conversationId: string;
    readonly seq: bigint;
    readonly epochSeq: number;
    readonly change: DeviceListChange;
  },
): Promise<readonly MemberDevice[]> {
  const { conversationId, seq, epochSeq, change } = params;
  const removed = change.removed.map(({ device }) => device);
  if (removed.length > 0) {
    await tx.member.updateMany({
      where: { conversationId, leftSeq: null, deviceId: { in: removed } },
      data: { leftSeq: seq },
    });
    const gone = { conversationId, deviceId: { in: removed } };
    await tx.readMark.deleteMany({ where: gone });
    await tx.epochStatement.deleteMany({ where: gone });
  }
  if (change.added.length === 0) return [];
  const resumed = await resumeStays(tx, { conversationId, epochSeq, change });
  const revoked = await tx.revokedDevice.findMany({
    where: { deviceId: { in: change.added.map(({ device }) => device) } },
  });
  const revokedAt = new Map(revoked.map((entry) => [entry.deviceId, entry.revokedAt]));
  await tx.member.createMany({
    data: change.added
      .filter(({ device }) => !resumed.has(device))
      .map(({ user, device }) => ({
        conversationId,
        deviceId: device,
        joinedSeq: seq,
        userId: user,
        departingAt: revokedAt.get(device) ?? null,
      })),
  });
  for (const { deviceId, revokedAt: departingAt } of revoked)
    await tx.member.updateMany({
      where: { conversationId, deviceId, leftSeq: null, departingAt: null },
      data: { departingAt },
    });
  return change.added.filter(({ device }) => revokedAt.has(device));
}

/** Of the added devices, those whose stay goes on. */
async function resumeStays(
  tx: Transaction,
  params: { readonly conversationId: string; readonly epochSeq: number; readonly change: DeviceListChange },
): Promise<ReadonlySet<DeviceId>> {
  const { conversationId, epochSeq, change } = params;
  const again = new Set(change.removed.map(({ device }) => device));
  const users = new Map(change.added.map(({ device, user }) => [device as string, user as string]));
  const stays = await tx.member.findMany({
    where: { ...endedSince({ conversationId, epochSeq }), deviceId: { in: [...users.keys()] } },
    orderBy: { joinedSeq: 'asc' },
  });
  // The latest of each; one that this very commit removes and adds begins anew.
  const latest = new Map(
    stays
      .filter(({ deviceId, userId }) => users.get(deviceId) === userId && !again.has(deviceId as DeviceId))
      .map((stay) => [stay.deviceId as DeviceId, stay]),
  );
  for (const { deviceId, joinedSeq } of latest.values())
    await tx.member.update({
      where: { conversationId_deviceId_joinedSeq: { conversationId, deviceId, joinedSeq } },
      data: { leftSeq: null },
    });
  return new Set(latest.keys());
}

/** Stays of members at `epochSeq` that ended after it. */
function endedSince(params: { readonly conversationId: string; readonly epochSeq: number }) {
  const epochSeq = BigInt(params.epochSeq);
  return {
    conversationId: params.conversationId,
    joinedSeq: { lte: epochSeq },
    leftSeq: { gt: epochSeq },
  };
}
