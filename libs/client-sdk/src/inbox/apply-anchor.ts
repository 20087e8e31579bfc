/**
 * An anchor: after a restore of the server, a member's own next commit, on which the log goes on. It need not build on
 * what this device knows. Which of two anchors holds is decided by each member alike, by the epochs:
 *
 * - of the epoch that we are in: we merge it, like any commit;
 * - of a later one: the group had gone further than we saw. We join anew by its GroupInfo, and say so;
 * - of an earlier one, or one that is void for us: the group had gone further than its maker saw, or it is
 *   nonsense. We anchor, too: ours then stands after it, and the others join by it. A device that itself had
 *   to join anew in this generation does not: it has no earlier word to give.
 */
import { judgeCommit } from '@cipherchat/crypto';
import { addIntent, deleteIntent, intentsOf } from '../outbox/intent-table.js';
import { jitteredMs } from '../connection/backoff.js';
import type { ConversationRow } from '../state/rows.js';
import { loseRaces, mergeInspected } from './apply-commit.js';
import { applied, type Applied, type Applying } from './context.js';
import { beginRejoin, endRejoin } from './rejoin.js';

/** Everybody who was further finds it at the same time. */
const anchorJitterMs = 2_000;

export async function applyAnchor(applying: Applying, row: ConversationRow): Promise<Applied> {
  const { transaction, memory, conversation, engine, entry } = applying;
  await loseRaces(applying, { ...row, leftOutSeq: null });
  const at = { ...row, lastCommitSeq: entry.seq, minCommitSeq: entry.seq };
  const group = await transaction.group({ conversation, suite: row.suite });
  const isListed = entry.devices.some(({ device }) => device === memory.profile.device);
  if (group === null || row.phase === 'removed') {
    const skipped = { ...at, skippedEntries: at.skippedEntries + 1 };
    return applied(row.phase !== 'removed' && isListed ? await beginRejoin(applying, skipped) : skipped);
  }
  const inspected = engine.inspectCommit({
    state: group,
    commit: entry.ciphertext,
    atS: Math.floor(entry.atMs / 1000),
  });
  const judgement = judgeCommit({
    membersBefore: engine.members(group),
    epochBefore: engine.epoch(group),
    commitBytes: entry.ciphertext.length,
    clear: { kind: 'commit', devices: entry.devices },
    inspected,
  });
  if (judgement.kind === 'merge') {
    dropAnchors(applying);
    // Another's anchor, which we could not follow, had us join anew: this one we can.
    const joined = row.phase === 'rejoining' ? await endRejoin(applying, at) : at;
    return mergeInspected(applying, joined, { group, staged: judgement.staged });
  }
  if (judgement.kind === 'repair') {
    dropAnchors(applying);
    return applied({ ...(await beginRejoin(applying, at)), lineage: 'joined' });
  }
  if (row.phase !== 'active' || row.lineage === 'joined') return applied(await beginRejoin(applying, at));
  return applied(await anchorToo(applying, at));
}

/** Another's holds. */
function dropAnchors({ transaction, memory, conversation }: Applying): void {
  for (const intent of intentsOf({ transaction, memory, conversation }))
    if (intent.work.kind === 'anchor') deleteIntent(transaction, intent);
}

async function anchorToo(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { transaction, memory, conversation, clock, random } = applying;
  const isPlanned = intentsOf({ transaction, memory, conversation }).some(
    ({ work }) => work.kind === 'anchor',
  );
  if (isPlanned) return row;
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
