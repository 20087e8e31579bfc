/**
 * A model of the conversation log, with the rules of the message store that matter to MLS: one
 * order for all, compare-and-set on the last commit, and no message from before a change of members
 * (design.md §3). It believes the clear device list, as the store must.
 */
import type { DeviceRef } from '../engine.js';

/** Update-only commits that may have come in between a message and its sender's view. */
const maxCommitsBehind = 3;
/** The store's clock between two entries, seconds. */
const stepS = 7;

export type Entry = {
  readonly seq: number;
  /** Random in real life; the sender recognises its own by it. */
  readonly envelope: string;
  readonly kind: 'message' | 'commit' | 'external-commit';
  readonly bytes: Uint8Array;
  /** Members after this entry. */
  readonly devices: readonly DeviceRef[];
  /** `null` for messages, and for commits that add nobody by a welcome. */
  readonly welcome: Uint8Array | null;
  /** The store's timestamp, Unix seconds. */
  readonly atS: number;
};

type Offer = {
  readonly envelope: string;
  readonly bytes: Uint8Array;
  /** Last commit that the sender had processed. */ readonly basedOn: number;
};
export type CommitOffer = Offer & {
  readonly kind: 'commit' | 'external-commit';
  readonly devices: readonly DeviceRef[];
  readonly welcome: Uint8Array | null;
  readonly groupInfo: Uint8Array;
};
export type Answer = { readonly kind: 'accepted'; readonly entry: Entry } | { readonly kind: 'stale' };

export type Log = {
  readonly entries: readonly Entry[];
  readonly devices: readonly DeviceRef[];
  readonly lastCommitSeq: number;
  /** GroupInfo of the newest epoch; `null` before the first commit. */
  readonly groupInfo: Uint8Array | null;
  readonly nowS: number;
  appendMessage(offer: Offer): Answer;
  appendCommit(offer: CommitOffer): Answer;
};

export function createLog(params: { readonly creator: DeviceRef; readonly startS: number }): Log {
  const entries: Entry[] = [];
  const commitSeqs: number[] = [0];
  let devices: readonly DeviceRef[] = [params.creator];
  let minCommitSeq = 0;
  let groupInfo: Uint8Array | null = null;
  let nowS = params.startS;

  const append = (entry: Omit<Entry, 'seq' | 'atS'>): Answer => {
    nowS += stepS;
    const stored: Entry = { ...entry, seq: entries.length + 1, atS: nowS };
    entries.push(stored);
    return { kind: 'accepted', entry: stored };
  };
  const lastCommitSeq = (): number => commitSeqs.at(-1) ?? 0;

  return {
    entries,
    get devices() {
      return devices;
    },
    get lastCommitSeq() {
      return lastCommitSeq();
    },
    get groupInfo() {
      return groupInfo;
    },
    get nowS() {
      return nowS;
    },
    appendMessage({ envelope, bytes, basedOn }) {
      const behind = commitSeqs.filter((seq) => seq > basedOn).length;
      if (basedOn < minCommitSeq || behind > maxCommitsBehind) return { kind: 'stale' };
      return append({ envelope, bytes, kind: 'message', devices, welcome: null });
    },
    appendCommit(offer) {
      if (offer.basedOn !== lastCommitSeq()) return { kind: 'stale' };
      const isUpdateOnly = offer.kind === 'commit' && sameDevices(devices, offer.devices);
      devices = offer.devices;
      groupInfo = offer.groupInfo;
      const { envelope, bytes, kind, welcome } = offer;
      const answer = append({ envelope, bytes, kind, devices, welcome });
      commitSeqs.push(entries.length);
      if (!isUpdateOnly) minCommitSeq = entries.length;
      return answer;
    },
  };
}

function sameDevices(left: readonly DeviceRef[], right: readonly DeviceRef[]): boolean {
  const names = new Set(left.map(({ device }) => device));
  return left.length === right.length && right.every(({ device }) => names.has(device));
}
