/** Where a log stood when a generation began in it: past that it is not the log that an older generation had. */
import type { Prisma } from '../generated/prisma/client.js';

/** What stands for a conversation that was reset in a generation: no generation at all, so that it is closed. */
export function resetIn(generation: number): number {
  return -generation;
}

/** Before the first restore. */
export const firstGeneration = 1;

/**
 * The first anchor since a restore: the log goes on from where it ended then. In the transaction that stores it. After a
 * reset within this generation nothing was lost, and the log is what every device of it knows.
 */
export async function openIn(
  tx: Prisma.TransactionClient,
  params: { readonly row: Prisma.ConversationModel; readonly generation: number },
): Promise<void> {
  const { row, generation } = params;
  if (row.generation !== resetIn(generation)) await noteRestoredHead(tx, { ...row, generation });
  await tx.conversation.update({ where: { id: row.id }, data: { generation } });
}

/**
 * A device that comes back from an older generation knows up to here what it finds in the log, and nothing past it. Noted
 * before the first entry of a generation; what is noted again is later, and does not count.
 */
export async function noteRestoredHead(
  tx: Prisma.TransactionClient,
  { id, generation, headSeq }: Pick<Prisma.ConversationModel, 'id' | 'generation' | 'headSeq'>,
): Promise<void> {
  await tx.restoredHead.createMany({
    data: [{ conversationId: id, generation, seq: headSeq }],
    skipDuplicates: true,
  });
}
