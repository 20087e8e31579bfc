/**
 * Whether the leaves of a group belong to whom they name. MLS authenticates that a leaf's key signed;
 * that the key is Ana's laptop's is said by Ana's account, in her manifest, and checked here, on
 * every welcome, add, update and external join, over all members that result.
 *
 * The verdict never decides whether a commit is merged: manifests, their expiry and the clock differ
 * between members for a while, and members who merge differently are in two groups for good. What
 * decides is in `commit-check.ts`. After a bad verdict a client merges, says so, stops its own
 * sending to the group and commits a Remove of the leaf.
 */
import type { GroupMember } from './engine.js';
import { equalBytes } from './verify/binary.js';
import { compareManifests } from './verify/manifest-order.js';
import { findDevice, isDeviceCurrent, type VerifiedManifest } from './verify/manifest.js';

export type CredentialVerdict =
  | 'genuine'
  /** No manifest of this account was ever seen: fetch it, and treat the leaf as not genuine until then. */
  | 'manifest-missing'
  /** The manifest is of another account key than the pinned one. */
  | 'account-key-changed'
  /** The account's manifest does not name the device: removed, or added by someone else. */
  | 'device-not-listed'
  /** The device exists, with another key. */
  | 'leaf-key-differs'
  | 'device-expired'
  /** The same device stands in two leaves; an honest one replaces its old leaf. */
  | 'device-repeated';

export type CheckedMember = { readonly member: GroupMember; readonly verdict: CredentialVerdict };

/** Account keys (32 bytes) as seen first, by user id. A pin changes only when its person says so. */
export type AccountPins = ReadonlyMap<string, Uint8Array>;

/**
 * Checks each member against the highest manifest ever seen of its account.
 * @param params.nowS Unix seconds of the caller's clock.
 * @returns a verdict for each member, in order, and the pins with those added that were seen for the first time.
 */
export function checkCredentials(params: {
  readonly members: readonly GroupMember[];
  readonly manifests: ReadonlyMap<string, VerifiedManifest>;
  readonly pins: AccountPins;
  readonly nowS: number;
}): { readonly checked: readonly CheckedMember[]; readonly allGenuine: boolean; readonly pins: AccountPins } {
  const { members, manifests, nowS } = params;
  const pins = new Map(params.pins);
  for (const { user } of members) {
    const manifest = manifests.get(user);
    if (manifest !== undefined && !pins.has(user)) pins.set(user, manifest.accountKey);
  }
  const seen = new Set<string>();
  const checked = members.map((member): CheckedMember => {
    const isRepeated = seen.has(member.device);
    seen.add(member.device);
    const verdict = isRepeated
      ? 'device-repeated'
      : verdictOf({ member, manifest: manifests.get(member.user), pin: pins.get(member.user), nowS });
    return { member, verdict };
  });
  return { checked, allGenuine: checked.every(({ verdict }) => verdict === 'genuine'), pins };
}

function verdictOf(params: {
  readonly member: GroupMember;
  readonly manifest: VerifiedManifest | undefined;
  readonly pin: Uint8Array | undefined;
  readonly nowS: number;
}): CredentialVerdict {
  const { member, manifest, pin, nowS } = params;
  if (manifest === undefined || manifest.user !== member.user) return 'manifest-missing';
  if (pin === undefined || !equalBytes(pin, manifest.accountKey)) return 'account-key-changed';
  const entry = findDevice(manifest, member.device);
  if (entry === undefined) return 'device-not-listed';
  if (!equalBytes(entry.leafKey, member.leafKey)) return 'leaf-key-differs';
  return isDeviceCurrent({ entry, nowS }) ? 'genuine' : 'device-expired';
}

export type ManifestReceipt =
  /** Store it as the highest: the first of this user, or newer than the known one. */
  | { readonly kind: 'store'; readonly manifest: VerifiedManifest; readonly pin: Uint8Array }
  /** Nothing to do: the same as the known one, or older. */
  | { readonly kind: 'keep' }
  /** Never store it, tell the person: the server or the account says two different things. */
  | { readonly kind: 'alarm'; readonly reason: 'account-key-changed' | 'forked' | 'other-user' };

/** What to do with a verified manifest that arrived for `user`, from whatever source. */
export function receiveManifest(params: {
  readonly user: string;
  readonly known: VerifiedManifest | undefined;
  readonly pin: Uint8Array | undefined;
  readonly candidate: VerifiedManifest;
}): ManifestReceipt {
  const { user, known, pin, candidate } = params;
  if (candidate.user !== user) return { kind: 'alarm', reason: 'other-user' };
  if (pin !== undefined && !equalBytes(pin, candidate.accountKey))
    return { kind: 'alarm', reason: 'account-key-changed' };
  const store = { kind: 'store', manifest: candidate, pin: candidate.accountKey } as const;
  if (known === undefined) return store;
  const order = compareManifests({ known, candidate });
  switch (order) {
    case 'newer':
      return store;
    case 'same':
    case 'older':
      return { kind: 'keep' };
    case 'forked':
    case 'account-key-changed':
    case 'other-user':
      return { kind: 'alarm', reason: order };
  }
}
