/**
 * The server was restored from a backup: it is another generation, whose logs end earlier than ours may.
 *
 * Done between `ready` and `resume`, so before anything of the new generation is applied or sent. Each conversation
 * is one step, and the generation is stored by the last: a crash in between, and all of it is done again, which
 * changes nothing where it was done. What the server lost of the account itself is given back as well
 * (`restore-account.ts`): a device that was revoked must not be let in for longer than it takes us to come back.
 *
 * Invariants:
 * - A cursor never lies past what the server's log has in common with the one that we knew.
 * - What was read stays readable where it stands; what comes anew stands after it (`placeShifts`).
 * - Nothing that was read or found of the old logs is applied to the new ones, nor acknowledged in them.
 * - Our own messages that the server lost wait to be sent again, under their own ids: whoever has them drops them.
 */
import type { MlsEngine } from '@cipherchat/crypto';
import { conversationRoutes, type ConversationId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { only, tables } from '../state/tables.js';
import { resetConversation } from './reset-conversation.js';
import { restoreAccount } from './restore-account.js';

export type AdoptPorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly engine: MlsEngine;
  readonly clock: Clock;
  readonly random: Random;
  /** Drops what is remembered of the old logs outside the store. */
  readonly forgetLogs: () => void;
};

/** @throws NetworkError, ProblemError: nothing of the new generation may then be applied */
export async function adoptGeneration(ports: AdoptPorts, generation: number): Promise<void> {
  const { memory, steps } = ports;
  const known = memory.device.generation;
  if (known === generation) return;
  if (known !== null) {
    const common = await readCommonSeqs(ports, { known, generation });
    for (const { id, phase } of [...memory.conversations.values()]) {
      if (phase === 'removed') continue;
      // One that the server does not know, or of which it does not know us: it has nothing in common with ours.
      const sameUntilSeq = common.get(id) ?? 0;
      await steps.run('restore/reset-conversation', (transaction) =>
        resetConversation({ ...ports, transaction, conversation: id, sameUntilSeq }),
      );
    }
  }
  if (known !== null) await restoreAccount(ports);
  await steps.run('connection/generation', async (transaction) => {
    const device = (await transaction.get(tables.device, only)) ?? memory.device;
    transaction.put(tables.device, only, { ...device, generation });
    if (known !== null) transaction.after(ports.forgetLogs);
  });
}

/** Up to where the server's logs are the ones that we know, by conversation. */
async function readCommonSeqs(
  { api }: AdoptPorts,
  { known, generation }: { readonly known: number; readonly generation: number },
): Promise<ReadonlyMap<ConversationId, number>> {
  const common = new Map<ConversationId, number>();
  for (let after: ConversationId | undefined; ;) {
    const { conversations, more } = await api.call(conversationRoutes.list, {
      query: { since: known, ...(after === undefined ? {} : { after }) },
      generation,
    });
    for (const { conversation, sameUntilSeq } of conversations) common.set(conversation, sameUntilSeq);
    after = conversations.at(-1)?.conversation;
    if (!more || after === undefined) return common;
  }
}
