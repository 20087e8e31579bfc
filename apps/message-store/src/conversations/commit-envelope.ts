/** The envelope that a commit stands in: whether it is in the log already, and how it comes there. */
import type { CommitBundle, ConversationId } from '@cipherchat/protocol';
import type { Prisma } from '../generated/prisma/client.js';

export type Accepted = { readonly kind: 'accepted'; readonly seq: number; readonly atMs: number };

const envelopeKinds = { commit: 1, 'external-commit': 2, anchor: 3 } as const;

export async function storedBefore(
  tx: Prisma.TransactionClient,
  conversation: ConversationId,
  bundle: CommitBundle,
): Promise<Accepted | null> {
  const found = await tx.envelope.findUnique({
    where: { conversationId_envelopeId: { conversationId: conversation, envelopeId: bundle.envelope } },
    select: { seq: true, createdAt: true },
  });
  return found === null
    ? null
    : { kind: 'accepted', seq: Number(found.seq), atMs: found.createdAt.getTime() };
}

/** Dated by the database, like messages: the replicas' clocks may differ. */
export async function insertEnvelope(
  tx: Prisma.TransactionClient,
  params: { readonly conversationId: string; readonly seq: bigint; readonly bundle: CommitBundle },
): Promise<number> {
  const { conversationId, seq, bundle } = params;
  const rows = await tx.$queryRaw<readonly { readonly created_at: Date }[]>`
    INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
    VALUES (${conversationId}::uuid, ${seq}, ${bundle.envelope}::uuid, ${envelopeKinds[bundle.kind]}, ${BigInt(bundle.commitSeq)}, ${bundle.commit}, clock_timestamp())
    RETURNING created_at`;
  return rows[0]?.created_at.getTime() ?? 0;
}
