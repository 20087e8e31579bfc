/**
 * Which conversations this person wants: request → accepted, or request → declined (→ request, when the other person of a
 * 1:1 writes anew).
 *
 * Invariants:
 * - What this person began, wrote into or accepted is accepted, and so is what a contact began or added them to. A contact
 *   is whom they began a 1:1 with, accepted one from, or gave an invite with a token to.
 * - Who began it is believed only once their leaf was found to be theirs: a server could name anybody.
 * - Accepted stays accepted, but for who was out of it and is added by somebody again.
 * - Nothing of it is told to any server. What other devices of this account accept, they learn by what it writes there.
 */
import type { ContentBody, MemberDevice, UserId } from '@cipherchat/protocol';
import { putConversation } from '../conversations/conversation-row.js';
import { contactOf, putContact } from '../keys/contacts.js';
import type { Clock } from '../ports/clock.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, RosterMember } from '../state/rows.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { isLetIn } from './invite-tokens.js';

type Here = { readonly transaction: Transaction; readonly memory: Memory };

/** This device was added by somebody's commit. Who was out of it before has to be asked anew. */
export function addedBy(row: ConversationRow, inviter: MemberDevice | null): ConversationRow {
  switch (row.phase) {
    case 'removed':
      return { ...row, standing: 'request', addedBy: inviter };
    case 'joining':
      return { ...row, addedBy: row.addedBy ?? inviter };
    default:
      // A member put this device back in: who began it stays who began it.
      return row;
  }
}

/** The row as it stands by what is known of who began it; the same object when that changes nothing. */
export async function settleStanding(
  { transaction, memory }: Here,
  { row, members }: { readonly row: ConversationRow; readonly members: readonly RosterMember[] },
): Promise<ConversationRow> {
  if (row.standing !== 'request' || row.addedBy === null || !isGenuine(members, row.addedBy)) return row;
  const { user } = row.addedBy;
  const isWanted = user === memory.profile.user || (await contactOf(transaction, user)).accepted;
  return isWanted ? { ...row, standing: 'accepted' } : row;
}

function isGenuine(members: readonly RosterMember[], { user, device }: MemberDevice): boolean {
  return members.some(
    (member) => member.device === device && member.user === user && member.check === 'genuine',
  );
}

/** What a message that arrived makes of it; `null`: nothing of the message is kept. */
export async function rowOfReceiving(
  here: Here & { readonly clock: Clock },
  row: ConversationRow,
  message: { readonly from: UserId; readonly body: ContentBody },
): Promise<ConversationRow | null> {
  const isText = message.body.kind === 'text';
  // Another device of this account wrote there.
  if (message.from === here.memory.profile.user) return isText ? acceptRow(here, row) : row;
  if (await isInvited(here, row, message)) return acceptRow(here, row);
  if (row.standing !== 'declined') return row;
  return row.kind === 'direct' && isText ? { ...row, standing: 'request' } : null;
}

/** Who handed out a link with a token has accepted its holders, also one whom they declined as a stranger; not whom they blocked. */
async function isInvited(
  { clock, ...here }: Here & { readonly clock: Clock },
  { kind, peer, standing }: ConversationRow,
  { from, body }: { readonly from: UserId; readonly body: ContentBody },
): Promise<boolean> {
  if (body.kind !== 'introduction' || standing === 'accepted') return false;
  if (kind !== 'direct' || peer !== from) return false;
  return isLetIn({ ...here, nowMs: clock.nowMs() }, { user: from, proof: body.proof });
}

/** By the person's own doing: the row after it, which the caller puts; of a 1:1 the other is a contact from now on. */
export async function acceptRow(here: Here, row: ConversationRow): Promise<ConversationRow> {
  if (row.kind === 'direct' && row.peer !== null) await befriend(here, { user: row.peer, within: row.id });
  return row.standing === 'accepted' ? row : { ...row, standing: 'accepted' };
}

/** Somebody is a contact from now on: what else they began is wanted, too. The row of `within` is the caller's own to put. */
export async function befriend(
  { transaction, memory }: Here,
  { user, within }: { readonly user: UserId; readonly within: ConversationRow['id'] | null },
): Promise<void> {
  const contact = await contactOf(transaction, user);
  if (contact.accepted) return;
  putContact(transaction, contact, { accepted: true });
  for (const { id, standing } of memory.conversations.values()) {
    if (standing !== 'request' || id === within) continue;
    const row = await transaction.get(tables.conversations, id);
    if (row === null) continue;
    const members = (await transaction.get(tables.rosters, id))?.members ?? [];
    const settled = await settleStanding({ transaction, memory }, { row, members });
    if (settled !== row) putConversation(transaction, settled);
  }
}
