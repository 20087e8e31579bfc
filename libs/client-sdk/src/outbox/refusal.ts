/** What a refusal of the server means for the intent that was refused. */
import type { ProblemError } from '@cipherchat/protocol';
import type { PermanentFailure } from '../state/rows.js';

export type RefusalVerdict =
  | { readonly kind: 'fail'; readonly failure: PermanentFailure }
  /** The same bytes again, after a while. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** The group has moved on: read the log up to that commit, then make the bytes anew. */
  | { readonly kind: 'stale'; readonly lastCommitSeq: number }
  /** Make the bytes anew after a while; a few times, then give up. */
  | { readonly kind: 'anew'; readonly failure: PermanentFailure }
  /** The server was restored from a backup: the conversation has to be anchored first. */
  | { readonly kind: 'closed' };

export function judgeRefusal(problem: ProblemError): RefusalVerdict {
  if (problem.is('conversation/stale-commit'))
    return { kind: 'stale', lastCommitSeq: problem.data.lastCommitSeq };
  switch (problem.code) {
    case 'request/too-large':
      return { kind: 'fail', failure: 'too-large' };
    case 'conversation/unknown':
    case 'auth/forbidden':
      return { kind: 'fail', failure: 'conversation-unknown' };
    case 'conversation/too-many-devices':
      return { kind: 'fail', failure: 'too-many-devices' };
    case 'directory/user-unknown':
      return { kind: 'fail', failure: 'user-unknown' };
    case 'conversation/closed':
      return { kind: 'closed' };
    case 'conversation/device-list-invalid':
    case 'conversation/id-taken':
    case 'request/malformed':
      return { kind: 'anew', failure: 'refused' };
    case 'directory/no-key-packages':
      return { kind: 'anew', failure: 'no-key-packages' };
    default:
      // Temporary, or about this session; a token that ended is the connection's to renew.
      return { kind: 'again', afterMs: problem.retryAfterMs };
  }
}
