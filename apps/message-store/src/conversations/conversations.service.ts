import { Inject, Injectable } from '@nestjs/common';
import {
  limits,
  problem,
  type conversationRoutes,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import type { CurrentDevice, QueryOf, ResponseOf } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';

type ListedRow = {
  readonly id: ConversationId;
  readonly kind: number;
  readonly head_seq: bigint;
  readonly same_until_seq: bigint;
  readonly joined: boolean;
};

const kindNames: Readonly<Record<number, 'direct' | 'group'>> = { 1: 'direct', 2: 'group' };

/** What routing knows of conversations, for the devices of their member users. */
@Injectable()
export class ConversationsService {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

  async list(
    caller: CurrentDevice,
    query: QueryOf<typeof conversationRoutes.list>,
  ): Promise<ResponseOf<typeof conversationRoutes.list>> {
    const { after, since = 0 } = query;
    const start =
      after === undefined
        ? Prisma.empty
        : Prisma.sql`AND (c.head_at, c.id) < (SELECT a.head_at, a.id FROM conversations a WHERE a.id = ${after}::uuid)`;
    const rows = await this.prisma.$queryRaw<readonly ListedRow[]>`
      SELECT c.id, c.kind, c.head_seq, own.joined, least(c.head_seq, (
        SELECT min(h.seq) FROM restored_heads h WHERE h.conversation_id = c.id AND h.generation > ${since}
      )) AS same_until_seq
      FROM (
        SELECT m.conversation_id, bool_or(m.device_id = ${caller.device}::uuid) AS joined
        FROM members m WHERE m.user_id = ${caller.user}::uuid AND m.left_seq IS NULL AND m.departing_at IS NULL
        GROUP BY m.conversation_id
      ) own JOIN conversations c ON c.id = own.conversation_id
      WHERE true ${start}
      ORDER BY c.head_at DESC, c.id DESC LIMIT ${bounds.maxListedConversations + 1}`;
    const conversations = rows
      .slice(0, bounds.maxListedConversations)
      .map(({ id, kind, head_seq: headSeq, same_until_seq: sameUntilSeq, joined }) => ({
        conversation: id,
        kind: kindOf(kind),
        headSeq: Number(headSeq),
        sameUntilSeq: Number(sameUntilSeq),
        joined,
      }));
    return { conversations, more: rows.length > bounds.maxListedConversations };
  }

  /** @throws ProblemError `conversation/unknown` */
  async read(
    caller: CurrentDevice,
    conversation: ConversationId,
  ): Promise<ResponseOf<typeof conversationRoutes.read>> {
    const members = await this.membersFor(caller, conversation);
    const [row, cursors, readMarks] = await Promise.all([
      this.prisma.conversation.findUniqueOrThrow({ where: { id: conversation } }),
      this.prisma.cursor.findMany({ where: { conversationId: conversation } }),
      this.prisma.readMark.findMany({ where: { conversationId: conversation } }),
    ]);
    const cursorSeqs = new Map(cursors.map(({ deviceId, seq }) => [deviceId, Number(seq)]));
    const marks = new Map(readMarks.map(({ deviceId, ciphertext }) => [deviceId, ciphertext]));
    return {
      conversation,
      kind: kindOf(row.kind),
      headSeq: Number(row.headSeq),
      lastCommitSeq: Number(row.lastCommitSeq),
      minCommitSeq: Number(row.minCommitSeq),
      members: members.map(({ userId, deviceId, joinedSeq, departingAt }) => ({
        user: userId as UserId,
        device: deviceId as DeviceId,
        joinedSeq: Number(joinedSeq),
        cursorSeq: cursorSeqs.get(deviceId) ?? Number(joinedSeq) - 1,
        departing: departingAt !== null,
        readMark: marks.get(deviceId) ?? null,
      })),
    };
  }

  /** @throws ProblemError `conversation/unknown` */
  async readGroupInfo(
    caller: CurrentDevice,
    conversation: ConversationId,
  ): Promise<{ readonly groupInfo: Uint8Array; readonly commitSeq: number }> {
    await this.membersFor(caller, conversation);
    const { groupInfo, commitSeq } = await this.prisma.groupInfo.findUniqueOrThrow({
      where: { conversationId: conversation },
    });
    return { groupInfo, commitSeq: Number(commitSeq) };
  }

  /** The members, for any device of a member user that may take part, or join by itself. */
  private async membersFor(
    caller: CurrentDevice,
    conversation: ConversationId,
  ): Promise<readonly Prisma.MemberModel[]> {
    const members = await this.prisma.member.findMany({
      where: { conversationId: conversation, leftSeq: null },
      take: limits.maxConversationDevices,
    });
    const ofUser = members.filter(
      ({ userId, departingAt }) => userId === caller.user && departingAt === null,
    );
    const isDeparting = members.some(
      ({ deviceId, departingAt }) => deviceId === caller.device && departingAt !== null,
    );
    if (ofUser.length === 0 || isDeparting) throw problem('conversation/unknown');
    return members;
  }
}

function kindOf(code: number): 'direct' | 'group' {
  const name = kindNames[code];
  if (name === undefined) throw new RangeError(`unknown kind ${code}`);
  return name;
}
