/** What member devices state of their group states, when one of them doubts its own: kept, passed on, never judged. */
import { Inject, Injectable } from '@nestjs/common';
import {
  limits,
  problem,
  type conversationRoutes,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import { CLOCK, type Clock, type CurrentDevice, type ResponseOf } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { PrismaClient } from '../generated/prisma/client.js';
import { LivePublisher } from '../live/live-publisher.js';

export type Statement = {
  readonly purpose: 'ask' | 'answer';
  readonly commitSeq: number;
  readonly statement: Uint8Array;
};

@Injectable()
export class StatementsService {
  /** When the members of a conversation were last asked, by this replica. */
  private readonly askedAtMs = new Map<ConversationId, number>();

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(LivePublisher) private readonly live: LivePublisher,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ProblemError `conversation/unknown` for whoever is no member, or departs */
  async compare(
    caller: CurrentDevice,
    conversation: ConversationId,
    { purpose, commitSeq, statement }: Statement,
  ): Promise<ResponseOf<typeof conversationRoutes.compare>> {
    const members = await this.prisma.member.findMany({
      where: { conversationId: conversation, leftSeq: null, departingAt: null },
      select: { deviceId: true, userId: true },
      take: limits.maxConversationDevices,
    });
    if (!members.some(({ deviceId, userId }) => deviceId === caller.device && userId === caller.user))
      throw problem('conversation/unknown');
    const stated = { statement: Uint8Array.from(statement) };
    await this.prisma.epochStatement.upsert({
      where: { conversationId_deviceId: { conversationId: conversation, deviceId: caller.device } },
      create: { conversationId: conversation, deviceId: caller.device, ...stated },
      update: stated,
    });
    if (purpose === 'answer') return { statements: [] };
    if (this.mayAsk(conversation))
      this.live.tell(new Set(members.map(({ userId }) => userId as UserId)), {
        type: 'compare',
        conversation,
        user: caller.user,
        commitSeq,
      });
    return { statements: await this.othersOf({ caller, conversation, members }) };
  }

  private async othersOf(params: {
    readonly caller: CurrentDevice;
    readonly conversation: ConversationId;
    readonly members: readonly { readonly deviceId: string; readonly userId: string }[];
  }): Promise<ResponseOf<typeof conversationRoutes.compare>['statements']> {
    const { caller, conversation, members } = params;
    const users = new Map(members.map(({ deviceId, userId }) => [deviceId, userId as UserId]));
    const rows = await this.prisma.epochStatement.findMany({
      where: { conversationId: conversation, deviceId: { not: caller.device } },
      take: limits.maxConversationDevices,
    });
    return rows.flatMap(({ deviceId, statement }) => {
      const user = users.get(deviceId);
      return user === undefined ? [] : [{ user, device: deviceId as DeviceId, statement }];
    });
  }

  /** When a commit fails for all of a large group, all of them ask: the members are told once. */
  private mayAsk(conversation: ConversationId): boolean {
    const nowMs = this.clock.nowMs();
    const before = this.askedAtMs.get(conversation);
    if (before !== undefined && nowMs - before < bounds.askIntervalMs) return false;
    this.askedAtMs.delete(conversation);
    const oldest = this.askedAtMs.keys().next();
    if (this.askedAtMs.size >= bounds.maxAskedConversations && oldest.done !== true)
      this.askedAtMs.delete(oldest.value);
    this.askedAtMs.set(conversation, nowMs);
    return true;
  }
}
