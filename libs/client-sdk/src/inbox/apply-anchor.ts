/**
 * An anchor: after a restore of the server, or a reset by an administrator, a member's own next commit, on which the log goes on. It need not build on
 * what this device knows. Which of two anchors holds is decided by each member alike, by the epochs:
 *
 * - of the epoch that we are in: we merge it, like any commit;
 * - of a later one: the group had gone further than we saw. We join anew by its GroupInfo, and say so;
 * - of an earlier one, or one that is void for us: the group had gone further than its maker saw, or it is
 *   nonsense. We anchor, too: ours then stands after it, and the others join by it. A device that itself had
 *   to join anew in this generation does not: it has no earlier word to give. Nor does one that has anchored
 *   before: whoever anchors has read the log (`outbox/perform.ts`), so its maker has refused ours, for a removal
 *   that we did not see (`restore/refuse-anchor.ts`). Anchoring for ever is what both would do otherwise.
 *
 * One with a Welcome founds the group anew, at the lowest of epochs: who has no group joins by it, and who has one
 * anchors, too.
 *
 * Where the server had lost the conversation, the commit that founds it again is an anchor in all but name.
 *
 * Until our own anchor is in the log, what others write and commit behind theirs is not for us, and says nothing of our
 * state: it is passed over. When they follow ours they offer it again (`restore/offer-again.ts`).
 */
import type { UserId } from '@cipherchat/protocol';
import { addIntent, deleteIntent, intentsOf } from '../outbox/intent-table.js';
import { jitteredMs } from '../connection/backoff.js';
import { dropFounding } from '../repair/founding.js';
import { awaitsOwnAnchor } from '../restore/own-anchor.js';
import { withAnchorNoted } from '../restore/reset-conversation.js';
import type { ConversationRow } from '../state/rows.js';
import { join, loseRaces, mergeInspected } from './apply-commit.js';
import { applied, type Applied, type Applying } from './context.js';
import { judgeEntry } from './judge-entry.js';
import { beginRejoin, endRejoin } from './rejoin.js';

/** Everybody who was further finds it at the same time. */
const anchorJitterMs = 2_000;

export async function applyAnchor(applying: Applying, known: ConversationRow): Promise<Applied> {
  const { transaction, memory, conversation, entry } = applying;
  const row = withAnchorNoted(applying, known);
  await loseRaces(applying, { ...row, leftOutSeq: null });
  dropFounding(applying);
  const at = { ...row, lastCommitSeq: entry.seq, minCommitSeq: entry.seq };
  const group = await transaction.group({ conversation, suite: row.suite });
  const isListed = entry.devices.some(({ device }) => device === memory.profile.device);
  if (group === null || row.phase === 'removed') {
    // Founded anew, with us (`repair/reset.ts`); with somebody whom we saw removed we do not go along.
    const takesBack = row.lostByRestore?.removedUsers.some((user) => isListedUser(entry, user)) === true;
    if (entry.welcome.length > 0 && !takesBack) return join(applying, row);
    const skipped = { ...at, skippedEntries: at.skippedEntries + 1 };
    return applied(row.phase !== 'removed' && isListed ? await beginRejoin(applying, skipped) : skipped);
  }
  const judgement = judgeEntry(applying, group);
  if (judgement.kind === 'merge') {
    dropAnchors(applying);
    // Another's anchor, which we could not follow, had us join anew: this one we can.
    const joined = row.phase === 'rejoining' ? await endRejoin(applying, at) : { ...at, skippedEntries: 0 };
    return mergeInspected(applying, joined, { group, staged: judgement.staged });
  }
  if (judgement.kind === 'repair') {
    dropAnchors(applying);
    return applied({ ...(await beginRejoin(applying, at)), lineage: 'joined' });
  }
  const isSpoken = row.lineage === 'joined' || row.lostByRestore?.hasAnchored === true;
  if (row.phase !== 'active' || isSpoken)
    return applied({ ...(await beginRejoin(applying, at)), lineage: 'joined' });
  return applied(await anchorToo(applying, at));
}

/** A conversation of which a restore of the server took all, and which another member founds again. */
export async function isFoundedAgain(
  { transaction, conversation, entry }: Applying,
  row: ConversationRow,
): Promise<boolean> {
  if (row.lostByRestore === null || row.lastCommitSeq > 0 || entry.kind !== 'commit') return false;
  return (await transaction.group({ conversation, suite: row.suite })) !== null;
}

function isListedUser({ devices }: Applying['entry'], user: UserId): boolean {
  return devices.some((member) => member.user === user);
}

/** Another's holds. */
function dropAnchors({ transaction, memory, conversation }: Applying): void {
  for (const intent of intentsOf({ transaction, memory, conversation }))
    if (intent.work.kind === 'anchor') deleteIntent(transaction, intent);
}

async function anchorToo(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { transaction, memory, conversation, clock, random } = applying;
  if (awaitsOwnAnchor(applying)) return row;
  const nowMs = clock.nowMs();
  await addIntent(
    { transaction, memory },
    {
      conversation,
      work: { kind: 'anchor' },
      addedAtMs: nowMs,
      notBeforeMs: nowMs + jitteredMs({ baseMs: anchorJitterMs, random }),
    },
  );
  return row;
}
