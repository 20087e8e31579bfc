/** What a commit of the log is for the group as it stands here: every member of that epoch comes to the same. */
import { judgeCommit, type CommitJudgement, type GroupState } from '@cipherchat/crypto';
import type { Applying } from './context.js';

/** An anchor is a commit from inside, whatever it builds on. The time is the server's, which all members read alike. */
export function judgeEntry(
  { engine, entry }: Pick<Applying, 'engine' | 'entry'>,
  group: GroupState,
): CommitJudgement {
  return judgeCommit({
    membersBefore: engine.members(group),
    epochBefore: engine.epoch(group),
    commitBytes: entry.ciphertext.length,
    clear: {
      kind: entry.kind === 'external-commit' ? 'external-commit' : 'commit',
      devices: entry.devices,
    },
    inspected: engine.inspectCommit({
      state: group,
      commit: entry.ciphertext,
      atS: Math.floor(entry.atMs / 1000),
    }),
  });
}
