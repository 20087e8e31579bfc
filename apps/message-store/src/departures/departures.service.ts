/**
 * Departures: a device was revoked, or its user left. The store refuses it from then on; members are told,
 * and one of them commits its Remove. The refusal is durable before anybody is told.
 */
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@cipherchat/service-kit';
import {
  problem,
  type ConversationId,
  type DeviceId,
  type Revocation,
  type UserId,
} from '@cipherchat/protocol';
import { bounds } from '../bounds.js';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { LivePublisher } from '../live/live-publisher.js';
import { newRosterVersion } from '../live/roster-version.js';

type Departure = {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly tell: readonly UserId[];
};
type Transaction = Prisma.TransactionClient;

@Injectable()
export class DeparturesService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(LivePublisher) private readonly live: LivePublisher,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** All devices of the user depart. Doing it again changes nothing. @throws ProblemError `conversation/unknown` */
  async leave(user: UserId, conversation: ConversationId): Promise<void> {
    const departures = await this.prisma.$transaction(async (tx) => {
      await lockConversations(tx, [conversation]);
      const members = await tx.member.findMany({
        where: { conversationId: conversation, userId: user, leftSeq: null },
      });
      if (members.length === 0) throw problem('conversation/unknown');
      const staying = members.filter(({ departingAt }) => departingAt === null);
      return markDeparting(tx, { members: staying, at: new Date(this.clock.nowMs()) });
    });
    this.publish(departures);
  }

  /** How far auth's list was applied. */
  async appliedOrder(): Promise<number> {
    const { revocationOrder } = await this.prisma.storeState.findUniqueOrThrow({ where: { id: 1 } });
    return Number(revocationOrder);
  }

  /**
   * Applies revocations in auth's order and remembers the last. Replicas may do the same at the same time: they
   * take turns, and what another has applied is skipped.
   */
  async apply(revocations: readonly Revocation[]): Promise<void> {
    for (const revocation of revocations) {
      // Sign-outs end a session; the device stays a member.
      if (revocation.kind === 'device') await this.applyToDevice(revocation);
    }
    const last = revocations.at(-1);
    if (last === undefined) return;
    const revocationOrder = BigInt(last.order);
    await this.prisma.storeState.updateMany({
      where: { id: 1, revocationOrder: { lt: revocationOrder } },
      data: { revocationOrder },
    });
  }

  /** In parts, so that a device in thousands of conversations does not hold all their locks at once. */
  private async applyToDevice({ device, atMs }: Revocation): Promise<void> {
    const revokedAt = new Date(atMs);
    for (;;) {
      const departures = await this.prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('messages.revocations'))`;
        await tx.revokedDevice.createMany({ data: [{ deviceId: device, revokedAt }], skipDuplicates: true });
        const found = await tx.member.findMany({
          where: { deviceId: device, leftSeq: null, departingAt: null },
          select: { conversationId: true },
          take: bounds.maxDeparturesPerTransaction,
        });
        const conversations = found.map(({ conversationId }) => conversationId as ConversationId);
        await lockConversations(tx, conversations);
        // Read again under the locks: a commit may have removed the device while we waited.
        const members = await tx.member.findMany({
          where: {
            conversationId: { in: conversations },
            deviceId: device,
            leftSeq: null,
            departingAt: null,
          },
        });
        return { found: found.length, marked: await markDeparting(tx, { members, at: revokedAt }) };
      });
      this.publish(departures.marked);
      if (departures.found < bounds.maxDeparturesPerTransaction) return;
    }
  }

  private publish(departures: readonly Departure[]): void {
    for (const { tell, conversation, user, device } of departures)
      this.live.tell(tell, { type: 'departure', conversation, user, device });
  }
}

/** In the order of the ids, as everywhere. */
async function lockConversations(tx: Transaction, conversations: readonly ConversationId[]): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM conversations WHERE id = ANY (${conversations}::uuid[]) ORDER BY id FOR UPDATE`;
}

/** In three statements however many there are: the members are one device's, or those of one conversation. */
async function markDeparting(
  tx: Transaction,
  params: { readonly members: readonly Prisma.MemberModel[]; readonly at: Date },
): Promise<readonly Departure[]> {
  const { members, at } = params;
  const conversations = [...new Set(members.map(({ conversationId }) => conversationId))];
  const devices = [...new Set(members.map(({ deviceId }) => deviceId))];
  await tx.member.updateMany({
    where: {
      conversationId: { in: conversations },
      deviceId: { in: devices },
      leftSeq: null,
      departingAt: null,
    },
    data: { departingAt: at },
  });
  await tx.conversation.updateMany({
    where: { id: { in: conversations } },
    data: { rosterVersion: newRosterVersion() },
  });
  const staying = await rosters(tx, conversations);
  return members.map(({ conversationId, deviceId, userId }) => ({
    conversation: conversationId as ConversationId,
    user: userId as UserId,
    device: deviceId as DeviceId,
    tell: staying.get(conversationId) ?? [],
  }));
}

/** Those who remain; the user that leaves hears nothing more. */
async function rosters(
  tx: Transaction,
  conversations: readonly string[],
): Promise<ReadonlyMap<string, readonly UserId[]>> {
  const rows = await tx.$queryRaw<
    readonly { readonly id: string; readonly roster: readonly UserId[] }[]
  >`SELECT c.id, current_roster(c.id) AS roster FROM unnest(${conversations}::uuid[]) AS c (id)`;
  return new Map(rows.map(({ id, roster }) => [id, roster]));
}
