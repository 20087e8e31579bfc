/**
 * What a person has begun to write: one draft for each conversation, in a table of its own, with a cut copy in what a list
 * shows.
 *
 * Invariants, after every step (`drafts.spec.ts` holds them):
 * - A draft goes in the write that puts its message, or its edit, into the conversation; one that is kept later than that
 *   (by a tab that did not know) is none.
 * - The text of a message that was deleted is in no draft.
 * - What the list shows is the beginning of the draft.
 */
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { memberRow, type Where } from '../conversations/writable-row.js';
import type { Runtime } from '../runtime.js';
import type { Draft } from '../state/draft-row.js';
import type { Memory } from '../state/memory.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { findMessage, hasMessage } from './message-table.js';
import { maxTextBytes, utf8Length } from './sendable-text.js';
import { cutText, summaryOf } from './summaries.js';

/** What is too long to be sent is kept for whoever still shortens it; not without end. */
const maxDraftBytes = 4 * maxTextBytes;

type Here = { readonly transaction: Transaction; readonly memory: Memory };
type InConversation = { readonly conversation: ConversationId };

export async function readDraft(
  transaction: Pick<Transaction, 'get'>,
  conversation: ConversationId,
): Promise<Draft | null> {
  return transaction.get(tables.drafts, conversation);
}

/** `null`, or one in which nothing is: there is none. @throws CallRefusedError `text-too-long`, `not-a-member`, `unknown-conversation` */
export async function keepDraft(runtime: Runtime, where: Where, draft: Draft | null): Promise<void> {
  const kept = draft === null || isEmpty(draft) ? null : { ...draft, text: draft.text.toWellFormed() };
  if (kept !== null && utf8Length(kept.text) > maxDraftBytes) throw new CallRefusedError('text-too-long');
  const { steps, memory } = runtime;
  await steps.run('conversation/set-draft', async (transaction) => {
    const here = { transaction, memory };
    const { id: conversation } = await memberRow(transaction, where);
    if (kept !== null && (await isPast(transaction, { conversation, draft: kept }))) return;
    if (kept === null && (await readDraft(transaction, conversation)) === null) return;
    putDraft(here, { conversation, draft: kept });
  });
}

function isEmpty(draft: Draft): boolean {
  return draft.kind === 'message' && draft.text === '' && draft.replyTo === null;
}

/** It was sent meanwhile, or what it changes is gone. */
async function isPast(
  transaction: Transaction,
  { conversation, draft }: InConversation & { readonly draft: Draft },
): Promise<boolean> {
  if (draft.kind === 'message') return hasMessage({ transaction, conversation, message: draft.message });
  const target = await findMessage({ transaction, conversation, message: draft.target });
  return target?.body.kind !== 'text';
}

function putDraft(
  here: Here,
  { conversation, draft }: InConversation & { readonly draft: Draft | null },
): void {
  const { transaction } = here;
  if (draft === null) transaction.delete(tables.drafts, conversation);
  else transaction.put(tables.drafts, conversation, draft);
  const summary = summaryOf(here, conversation);
  const shown = draft === null ? null : cutText(draft.text);
  if (shown !== summary.draft) transaction.put(tables.summaries, conversation, { ...summary, draft: shown });
  transaction.emit({ type: 'draft', data: { conversation, draft } });
}

/** What it was about is done: sent under that id, or edited. Another's draft, of a tab that writes something else, stays. */
export async function endDraft(
  here: Here,
  { conversation, about }: InConversation & { readonly about: MessageId },
): Promise<void> {
  const draft = await draftToChange(here, conversation);
  if (draft === null) return;
  if ((draft.kind === 'edit' ? draft.target : draft.message) !== about) return;
  putDraft(here, { conversation, draft: null });
}

/** The conversation is gone from here. */
export async function dropDraft(here: Here, conversation: ConversationId): Promise<void> {
  if ((await draftToChange(here, conversation)) !== null) putDraft(here, { conversation, draft: null });
}

/** Another conversation took the place of this one. What was begun there stays, where both were written in. */
export async function moveDraft(
  here: Here,
  { from, to }: { readonly from: ConversationId; readonly to: ConversationId },
): Promise<void> {
  const draft = await draftToChange(here, from);
  if (draft === null) return;
  putDraft(here, { conversation: from, draft: null });
  if ((await draftToChange(here, to)) === null) putDraft(here, { conversation: to, draft });
}

/** Messages that are gone: no edit of them holds their text, and nothing answers them. */
export async function concludeDrafts(here: Here): Promise<void> {
  for (const { before, after } of here.transaction.messageChanges) {
    const isGone = after === null || after.body.kind === 'disappeared';
    if (before === null || (!isGone && after.body.kind !== 'deleted')) continue;
    const { conversation, message } = before;
    const draft = await draftToChange(here, conversation);
    if (draft?.kind === 'edit' && draft.target === message) putDraft(here, { conversation, draft: null });
    if (isGone && draft?.kind === 'message' && draft.replyTo === message) {
      const alone: Draft = { ...draft, replyTo: null };
      putDraft(here, { conversation, draft: isEmpty(alone) ? null : alone });
    }
  }
}

/** What is held in memory says whether there is one: most steps read no draft. */
async function draftToChange(here: Here, conversation: ConversationId): Promise<Draft | null> {
  const hasNone = summaryOf(here, conversation).draft === null;
  return hasNone ? null : readDraft(here.transaction, conversation);
}
