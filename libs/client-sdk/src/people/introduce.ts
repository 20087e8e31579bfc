/**
 * Showing somebody that we came by an invite of theirs with a token: by a proof in the 1:1 with them, before all else that is
 * written there. It is kept with the contact until it is in the log, so that neither a crash nor a conversation that could not
 * be made loses it; of the token nothing stays here.
 */
import { introductionProof } from '@cipherchat/crypto';
import type { ConversationId, PersonBody, UserId } from '@cipherchat/protocol';
import { contactOf, putContact } from '../keys/contacts.js';
import { equalBytes } from '../keys/equal-bytes.js';
import { writeHidden } from '../messages/write-hidden.js';
import { intentsOf, maxIntents } from '../outbox/intent-table.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { Transaction } from '../state/transaction.js';
import type { InvitedPerson } from './invite-link.js';

type Here = { readonly transaction: Transaction; readonly memory: Memory };
type IntroductionBody = Extract<PersonBody, { readonly kind: 'introduction' }>;

/** An invite was opened: of the last one with a token it is shown that we hold it. */
export async function keepIntroduction(
  { transaction, memory }: Here,
  { user, accountKey, token }: InvitedPerson,
): Promise<void> {
  if (token === null) return;
  const { profile } = memory;
  const introduction = introductionProof({
    token,
    host: { user, accountKey },
    guest: { user: profile.user, accountKey: profile.accountKey },
  });
  putContact(transaction, await contactOf(transaction, user), { introduction });
}

/** In the 1:1 with this person, where it is due and does not wait already; whether it is written now. */
export async function introduce(
  { transaction, memory }: Here,
  params: {
    readonly conversation: ConversationId;
    readonly user: UserId;
    readonly random: Random;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { conversation, user, random, nowMs } = params;
  const { introduction } = await contactOf(transaction, user);
  if (introduction === null || memory.intents.size >= maxIntents) return false;
  const body: IntroductionBody = { kind: 'introduction', proof: introduction };
  const waits = intentsOf({ transaction, memory, conversation }).some(
    ({ work }) =>
      work.kind === 'message' &&
      work.body.kind === 'introduction' &&
      equalBytes(work.body.proof, introduction),
  );
  if (waits) return false;
  await writeHidden({ transaction, memory }, { conversation, body, kept: body, random, nowMs });
  return true;
}

/** It is in the log: nothing more is to be shown, unless another invite was opened since. */
export async function introduced(
  transaction: Transaction,
  { user, body }: { readonly user: UserId; readonly body: IntroductionBody },
): Promise<void> {
  const contact = await contactOf(transaction, user);
  if (contact.introduction !== null && equalBytes(contact.introduction, body.proof))
    putContact(transaction, contact, { introduction: null });
}
