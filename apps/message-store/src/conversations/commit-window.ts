import { limits } from '@cipherchat/protocol';

/** What messages may build on. */
export type CommitWindow = { readonly minCommitSeq: bigint; readonly openCommitSeqs: readonly bigint[] };

/**
 * The window after a commit at `seq`. A commit that changes who can read, or is external, closes it to all
 * before: a newcomer could not read what builds on an earlier epoch, and a removed member could.
 */
export function windowAfter(params: {
  readonly before: CommitWindow;
  readonly seq: bigint;
  readonly changesReaders: boolean;
}): CommitWindow {
  const { before, seq, changesReaders } = params;
  if (changesReaders) return { minCommitSeq: seq, openCommitSeqs: [seq] };
  return {
    minCommitSeq: before.minCommitSeq,
    openCommitSeqs: [...before.openCommitSeqs, seq].slice(-limits.openCommits),
  };
}
