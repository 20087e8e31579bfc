/** The append rules of the message store (design.md §3), in memory and without concurrency. */
import {
  limits,
  type CommitBundle,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MemberDevice,
} from '@cipherchat/protocol';
import { pageOf, type ModelPage, type Stored } from './model-page.js';
import { isEndedSince, type ModelMember } from './model-stay.js';

/** As the store's route takes them; see `conversationRoutes.commit`. */
export type CommitClaims = {
  readonly epochSeq?: number | undefined;
  readonly readds?: DeviceId | undefined;
};
/** `bounds.maxAppealsPerStay` of the store. */
const maxAppealsPerStay = 3;

export type AppendVerdict =
  | { readonly kind: 'accepted' | 'duplicate'; readonly seq: number; readonly atMs: number }
  | { readonly kind: 'not-member' }
  /** A restore closed it, or an administrator. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'stale-commit'; readonly lastCommitSeq: number };

export class ModelConversation {
  readonly entries: Stored[] = [];
  readonly members: ModelMember[] = [];
  private commits: number[] = [];
  private minCommitSeq = 0;
  private floorSeq = 0;
  private resetSeq: number | null = null;
  /** An administrator has reset it, and nobody has anchored it since. */
  isClosed = false;
  /** Restores after which it was anchored, or begun, and where its log stood then. */
  private readonly restoredHeads: { readonly generation: number; readonly seq: number }[] = [];
  groupInfo: { readonly bytes: Uint8Array; readonly commitSeq: number } = {
    bytes: new Uint8Array(0),
    commitSeq: 0,
  };

  constructor(
    readonly id: ConversationId,
    readonly kind: 'direct' | 'group',
    /** The restore after which it was made, or last anchored. */
    private generation: number,
  ) {
    if (generation > 1) this.restoredHeads.push({ generation, seq: 0 });
  }

  get headSeq(): number {
    return this.entries.length;
  }

  get lastCommitSeq(): number {
    return this.commits.at(-1) ?? 0;
  }

  /** What messages may build on. */
  get commitWindow(): { readonly openCommitSeqs: readonly number[]; readonly minCommitSeq: number } {
    const open = this.commits.slice(-limits.openCommits);
    return {
      openCommitSeqs: open.filter((seq) => seq >= this.minCommitSeq),
      minCommitSeq: this.minCommitSeq,
    };
  }

  /** Members now; a device that departs is one until its removal. */
  current(): readonly ModelMember[] {
    return this.members.filter(({ leftSeq }) => leftSeq === null);
  }

  memberOf(device: DeviceId): ModelMember | undefined {
    return this.members.findLast((member) => member.device === device);
  }

  append(params: {
    readonly from: MemberDevice;
    readonly envelope: EnvelopeId;
    readonly commitSeq: number;
    readonly ciphertext: Uint8Array;
    readonly atMs: number;
    readonly generation?: number;
  }): AppendVerdict {
    const { from, envelope, commitSeq, ciphertext, atMs, generation = this.generation } = params;
    const known = this.find(envelope);
    if (known !== null) return known;
    const member = this.memberOf(from.device);
    if (member === undefined || member.leftSeq !== null || member.departing) return { kind: 'not-member' };
    if (generation !== this.generation || this.isClosed) return { kind: 'closed' };
    const open = this.commits.slice(-limits.openCommits);
    if (!open.includes(commitSeq) || commitSeq < this.minCommitSeq)
      return { kind: 'stale-commit', lastCommitSeq: this.lastCommitSeq };
    return this.store({
      envelope,
      kind: 'message',
      atMs,
      commitSeq,
      ciphertext,
      devices: [],
      welcome: new Uint8Array(0),
      added: new Set(),
    });
  }

  commit(params: {
    readonly from: MemberDevice;
    readonly bundle: CommitBundle;
    readonly atMs: number;
    readonly claims?: CommitClaims;
    readonly generation?: number;
  }): AppendVerdict {
    const { from, bundle, atMs, claims = {}, generation = this.generation } = params;
    const { epochSeq = bundle.commitSeq } = claims;
    const known = this.find(bundle.envelope);
    if (known !== null) return known;
    const member = this.memberOf(from.device);
    const isMember = member !== undefined && member.leftSeq === null && !member.departing;
    const isOfMemberUser = this.current().some(({ user, departing }) => user === from.user && !departing);
    const leftOut = this.members.findLast(
      (stay) => stay.device === from.device && isEndedSince(stay, epochSeq),
    );
    const mayAppeal =
      bundle.kind !== 'external-commit' &&
      member?.leftSeq !== null &&
      leftOut?.departing === false &&
      leftOut.appeals < maxAppealsPerStay &&
      (bundle.kind !== 'anchor' || (leftOut.leftSeq ?? 0) > (this.resetSeq ?? 0));
    const mayComeBack = bundle.kind !== 'commit' && isOfMemberUser;
    const isAllowed = isMember || mayComeBack || mayAppeal;
    if (this.entries.length > 0 && !isAllowed) return { kind: 'not-member' };
    const takesAnchorsOnly = generation !== this.generation || this.isClosed;
    if (bundle.kind !== 'anchor' && takesAnchorsOnly) return { kind: 'closed' };
    if (bundle.commitSeq !== this.lastCommitSeq)
      return { kind: 'stale-commit', lastCommitSeq: this.lastCommitSeq };
    if (generation !== this.generation) this.restoredHeads.push({ generation, seq: this.headSeq });
    this.generation = generation;
    this.isClosed = false;
    if (!isMember && !mayComeBack && mayAppeal && leftOut !== undefined) leftOut.appeals++;
    return this.storeCommit({ bundle, atMs, claims: { ...claims, epochSeq } });
  }

  /** An administrator closes it until a member anchors it; the place of that. */
  reset(params: {
    readonly envelope: EnvelopeId;
    readonly atMs: number;
    readonly generation: number;
  }): number {
    const { envelope, atMs, generation } = params;
    if (this.isClosed && generation === this.generation && this.resetSeq !== null) return this.resetSeq;
    if (generation !== this.generation) this.restoredHeads.push({ generation, seq: this.headSeq });
    this.generation = generation;
    this.isClosed = true;
    const nothing = new Uint8Array(0);
    const { seq } = this.store({
      envelope,
      kind: 'reset',
      atMs,
      commitSeq: this.lastCommitSeq,
      ciphertext: nothing,
      devices: [],
      welcome: nothing,
      added: new Set(),
    });
    this.resetSeq = seq;
    return seq;
  }

  /** A member device cannot get back in by itself. */
  requestReadd(params: {
    readonly from: MemberDevice;
    readonly envelope: EnvelopeId;
    readonly atMs: number;
    readonly generation: number;
  }): AppendVerdict {
    const { from, envelope, atMs, generation } = params;
    const known = this.find(envelope);
    if (known !== null) return known;
    const member = this.memberOf(from.device);
    if (member === undefined || member.leftSeq !== null || member.departing) return { kind: 'not-member' };
    // The anchor, which notes it again, comes later: the lowest counts.
    if (generation !== this.generation) this.restoredHeads.push({ generation, seq: this.headSeq });
    return this.store({
      envelope,
      kind: 'readd-request',
      atMs,
      commitSeq: this.lastCommitSeq,
      ciphertext: new Uint8Array(0),
      devices: [from],
      welcome: new Uint8Array(0),
      added: new Set(),
    });
  }

  /** Up to where the log is the one that was known in a generation. */
  sameUntilSeq(since: number): number {
    const heads = this.restoredHeads.filter(({ generation }) => generation > since);
    return Math.min(this.headSeq, ...heads.map(({ seq }) => seq));
  }

  /** A copy that shares nothing, as a backup is. */
  copy(): ModelConversation {
    const copied = new ModelConversation(this.id, this.kind, this.generation);
    copied.entries.push(...this.entries);
    copied.members.push(...this.members.map((member) => ({ ...member })));
    copied.commits = [...this.commits];
    copied.minCommitSeq = this.minCommitSeq;
    copied.floorSeq = this.floorSeq;
    copied.restoredHeads.splice(0, Infinity, ...this.restoredHeads);
    copied.groupInfo = this.groupInfo;
    copied.resetSeq = this.resetSeq;
    copied.isClosed = this.isClosed;
    return copied;
  }

  /** What a device may read after a seq; `null` when it is no business of its. */
  page(device: DeviceId, after: number): ModelPage | null {
    const { entries, members, floorSeq, headSeq } = this;
    return pageOf({ entries, members, floorSeq, headSeq, device, after });
  }

  /** Retention: the last commit stays, of what else is up to `clearedSeq` only places, and up to `floorSeq` nothing. */
  expire(params: { readonly clearedSeq: number; readonly floorSeq: number }): void {
    for (const [index, entry] of this.entries.entries()) {
      if (entry.seq > params.clearedSeq || entry.seq === this.lastCommitSeq) continue;
      const nothing = new Uint8Array(0);
      this.entries[index] = { ...entry, kind: 'tombstone', ciphertext: nothing, welcome: nothing };
    }
    this.floorSeq = Math.min(params.floorSeq, this.lastCommitSeq - 1);
  }

  private find(envelope: EnvelopeId): AppendVerdict | null {
    const entry = this.entries.find((stored) => stored.envelope === envelope);
    return entry === undefined ? null : { kind: 'duplicate', seq: entry.seq, atMs: entry.atMs };
  }

  private storeCommit(params: {
    readonly bundle: CommitBundle;
    readonly atMs: number;
    readonly claims: CommitClaims & { readonly epochSeq: number };
  }): AppendVerdict {
    const { bundle, atMs, claims } = params;
    const before = new Set(this.current().map(({ device }) => device));
    // Founded anew: all stays begin with it.
    const foundsAnew = bundle.kind === 'anchor' && bundle.welcome.length > 0;
    if (foundsAnew) before.clear();
    if (claims.readds !== undefined) before.delete(claims.readds);
    const after = new Set(bundle.devices.map(({ device }) => device));
    const added = new Set([...after].filter((device) => !before.has(device)));
    const verdict = this.store({
      envelope: bundle.envelope,
      kind: bundle.kind,
      atMs,
      commitSeq: bundle.commitSeq,
      ciphertext: bundle.commit,
      devices: bundle.devices,
      welcome: bundle.welcome,
      added,
    });
    for (const member of this.current())
      if (!after.has(member.device) || member.device === claims.readds || foundsAnew)
        member.leftSeq = verdict.seq;
    for (const { user, device } of bundle.devices) {
      const stay =
        device === claims.readds || foundsAnew
          ? undefined
          : this.members.findLast((each) => each.device === device && isEndedSince(each, claims.epochSeq));
      if (!added.has(device)) continue;
      if (stay !== undefined) stay.leftSeq = null;
      else
        this.members.push({
          user,
          device,
          joinedSeq: verdict.seq,
          leftSeq: null,
          cursorSeq: verdict.seq - 1,
          departing: false,
          readMark: null,
          statement: null,
          appeals: 0,
        });
    }
    this.commits.push(verdict.seq);
    if (added.size > 0 || after.size !== before.size || bundle.kind !== 'commit')
      this.minCommitSeq = verdict.seq;
    this.groupInfo = { bytes: bundle.groupInfo, commitSeq: verdict.seq };
    return verdict;
  }

  private store(entry: Omit<Stored, 'seq'>): Extract<AppendVerdict, { kind: 'accepted' | 'duplicate' }> {
    const seq = this.entries.length + 1;
    this.entries.push({ ...entry, seq });
    return { kind: 'accepted', seq, atMs: entry.atMs };
  }
}
