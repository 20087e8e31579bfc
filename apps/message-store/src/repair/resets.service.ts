/**
 * The last rung of the repair ladder: an administrator closes a conversation whose group is beyond repair, until a member
 * anchors it (docs/decisions/0009). What holds here:
 *
 * 1. Nothing is taken from the log and nobody is added or removed: one entry stands in it, for every member to see.
 * 2. It takes its place under the lock of appends and commits: what was accepted stands before it, what comes after it
 *    is refused.
 * 3. One that is closed by a reset is left as it is: an answer that got lost may be asked for again.
 */
import { Inject, Injectable } from '@nestjs/common';
import { problem, type ConversationId, type EnvelopeId, type UserId } from '@cipherchat/protocol';
import { EventLog } from '@cipherchat/service-kit';
import { randomUUID } from 'node:crypto';
import { PrismaClient } from '../generated/prisma/client.js';
import { noteRestoredHead, resetIn } from '../generations/restored-heads.js';
import { LivePublisher } from '../live/live-publisher.js';

/** In `envelopes.kind`; the names are in libs/protocol, `envelopeKind`. */
const resetKind = 6;

@Injectable()
export class ResetsService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(LivePublisher) private readonly live: LivePublisher,
    @Inject(EventLog) private readonly log: Pick<EventLog, 'event'>,
  ) {}

  /** @throws ProblemError `conversation/unknown` */
  async reset(conversation: ConversationId): Promise<{ readonly seq: number }> {
    const { seq, isNew, users } = await this.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM conversations WHERE id = ${conversation}::uuid FOR UPDATE`;
      const row = await tx.conversation.findUnique({ where: { id: conversation } });
      if (row === null) throw problem('conversation/unknown');
      const { generation } = await tx.storeState.findUniqueOrThrow({ where: { id: 1 } });
      const members = await tx.member.findMany({
        where: { conversationId: conversation, leftSeq: null },
        select: { userId: true },
      });
      const announceTo = new Set(members.map(({ userId }) => userId as UserId));
      if (row.generation === resetIn(generation))
        return { seq: Number(row.resetSeq), isNew: false, users: announceTo };
      // A restore closed it before: past its head the log is not the one that devices know.
      if (row.generation !== generation) await noteRestoredHead(tx, { ...row, generation });
      const resetSeq = row.headSeq + 1n;
      const envelope = randomUUID() as EnvelopeId;
      await tx.$executeRaw`
        INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
        VALUES (${conversation}::uuid, ${resetSeq}, ${envelope}::uuid, ${resetKind}, ${row.lastCommitSeq}, ''::bytea, clock_timestamp())`;
      await tx.$executeRaw`
        UPDATE conversations SET head_seq = ${resetSeq}, head_at = clock_timestamp(), reset_seq = ${resetSeq}, generation = ${resetIn(generation)}
        WHERE id = ${conversation}::uuid`;
      return { seq: Number(resetSeq), isNew: true, users: announceTo };
    });
    if (isNew) this.log.event('messages.conversation-reset', {});
    this.live.announce(users, { conversation, seq, sizeBytes: 0 });
    return { seq };
  }
}
