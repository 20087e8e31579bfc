/**
 * The tokens of this account's invite links: who shows that they hold one is let in without being asked about.
 *
 * Invariants:
 * - A token is made here, stands in the links that its person hands out, and is on no server. Other devices of the account do
 *   not have it: there, who shows it makes a request.
 * - What counts is what is stored when a proof arrives: after a reset there is nothing left that it could be a proof of.
 * - A person is let in once: a use and the acceptance are one write, and who is accepted already uses up nothing.
 * - Never who is blocked.
 */
import { generateInviteToken, isIntroductionProof, type Person } from '@cipherchat/crypto';
import type { UserId } from '@cipherchat/protocol';
import { countedTime } from '../expiry/expiry-clock.js';
import { contactOf } from '../keys/contacts.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { InviteTokenRow } from '../state/people-rows.js';
import { only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { isBlocked } from './blocks.js';

/** Links lie about in chats and mailboxes of others, where nobody takes them away. */
export const tokenLifeMs = 30 * 24 * 60 * 60 * 1_000;
/** Who looks at their link is given one that works for three weeks still. So at most five are in force at once. */
export const tokenFreshMs = 7 * 24 * 60 * 60 * 1_000;
/** A class, a team or a party comes in by one link; where one got into wrong hands, no more than that. */
export const maxTokenUses = 50;
type Now = { readonly nowMs: number };

/** Newest first, and so are those that are given back. `nowMs`, as in the rows, is what `countedTime` says. */
export function tokensInForce(tokens: readonly InviteTokenRow[], { nowMs }: Now): readonly InviteTokenRow[] {
  return tokens.filter(({ madeAtMs, usesLeft }) => nowMs - madeAtMs < tokenLifeMs && usesLeft > 0);
}

/** The first is the one to hand out: as before where it is fresh, else a new one. */
export function tokensToHandOut(
  tokens: readonly InviteTokenRow[],
  { nowMs, random }: Now & { readonly random: Random },
): readonly [InviteTokenRow, ...InviteTokenRow[]] {
  const inForce = tokensInForce(tokens, { nowMs });
  const [newest, ...older] = inForce;
  if (newest !== undefined && nowMs - newest.madeAtMs < tokenFreshMs) return [newest, ...older];
  return [{ token: generateInviteToken(random), madeAtMs: nowMs, usesLeft: maxTokenUses }, ...inForce];
}

/** What is left of those in force when somebody has come in by one of them; `null` where it is a proof of none. */
export function tokensAfterUse(
  tokens: readonly InviteTokenRow[],
  params: Now & { readonly host: Person; readonly guest: Person; readonly proof: Uint8Array },
): readonly InviteTokenRow[] | null {
  const { nowMs, ...shown } = params;
  const inForce = tokensInForce(tokens, { nowMs });
  const used = inForce.find(({ token }) => isIntroductionProof({ ...shown, token }));
  if (used === undefined) return null;
  return inForce.map((each) => (each === used ? { ...each, usesLeft: each.usesLeft - 1 } : each));
}

/** Whether somebody who is still to be accepted has shown that they hold a token of ours, which is used then. */
export async function isLetIn(
  { transaction, memory, nowMs }: Now & { readonly transaction: Transaction; readonly memory: Memory },
  { user, proof }: { readonly user: UserId; readonly proof: Uint8Array },
): Promise<boolean> {
  const row = await transaction.get(tables.invites, only);
  // The key by which their leaf was found to be theirs.
  const { pin } = await contactOf(transaction, user);
  if (row === null || pin === null || isBlocked(memory, user)) return false;
  const { user: self, accountKey } = memory.profile;
  const left = tokensAfterUse(row.tokens, {
    nowMs: countedTime({ transaction, memory }, { nowMs }),
    host: { user: self, accountKey },
    guest: { user, accountKey: pin },
    proof,
  });
  if (left !== null) transaction.put(tables.invites, only, { tokens: left });
  return left !== null;
}
