/** Which of two manifests of one user counts. Both were verified; time and servers are not asked. */
import { equalBytes } from './binary.js';
import type { VerifiedManifest } from './manifest.js';

export type ManifestOrder =
  | 'newer'
  /** The same bytes. */
  | 'same'
  | 'older'
  /** The same version with other content: the account signed two truths, or its key is stolen. */
  | 'forked'
  /** Another account key: not the account that was known. Only a person's choice replaces a pin. */
  | 'account-key-changed'
  | 'other-user';

/** How `candidate` stands to `known`. */
export function compareManifests(params: {
  readonly known: VerifiedManifest;
  readonly candidate: VerifiedManifest;
}): ManifestOrder {
  const { known, candidate } = params;
  if (candidate.user !== known.user) return 'other-user';
  if (!equalBytes(candidate.accountKey, known.accountKey)) return 'account-key-changed';
  if (candidate.version > known.version) return 'newer';
  if (candidate.version < known.version) return 'older';
  return equalBytes(candidate.bytes, known.bytes) ? 'same' : 'forked';
}

/** Whether `candidate` replaces `known`: same user, same account key, greater version. */
export function isNewerManifest(params: {
  readonly known: VerifiedManifest;
  readonly candidate: VerifiedManifest;
}): boolean {
  return compareManifests(params) === 'newer';
}
