/**
 * Binary HTTP bodies of the conversation log, where JSON would cost a third more: pages down,
 * commit bundles up. Media type `application/vnd.cipherchat.v1`. They never pass through NATS.
 */
import { bytes, choice, id, list, record, u53, type Infer } from './codec.js';
import type { ConversationId, DeviceId, EnvelopeId, UserId } from './ids.js';
import { limits } from './limits.js';

export const binaryMediaType = 'application/vnd.cipherchat.v1';

const conversation = id<ConversationId>('conversation id');
const envelope = id<EnvelopeId>('envelope id');
/** A device of a member, as the clear part of a commit lists it. */
export const memberDevice = record({ user: id<UserId>('user id'), device: id<DeviceId>('device id') });
export type MemberDevice = Infer<typeof memberDevice>;

const large = bytes({ lengthBytes: 4, maxBytes: limits.maxCommitBundleBytes });
const devices = list(memberDevice, { maxItems: limits.maxConversationDevices });

/** `message` and `commit` are MLS PrivateMessages, `external-commit` a PublicMessage (RFC 9420 §12.4.3.2). */
export const envelopeKind = choice({
  message: 0,
  commit: 1,
  'external-commit': 2,
  /** The ciphertext was cleared after delivery or retention; the place stays, so that seq has no gaps. */
  tombstone: 3,
  /**
   * After a restore of the server from a backup, or a reset by an administrator: a member's own next commit, which need
   * not build on the log's last one. It opens the conversation again, with its device list and GroupInfo; see
   * `docs/decisions/0007`. One with a Welcome founds the group anew, for every device that it lists.
   */
  anchor: 4,
  /** A member device, named in `devices`, that cannot get back into the group by itself: members add it anew. No ciphertext. */
  'readd-request': 5,
  /** An administrator has reset the conversation: it is closed until a member anchors it (`docs/decisions/0009`). No ciphertext. */
  reset: 6,
});
export type EnvelopeKind = Infer<typeof envelopeKind>;

/** One row of the log as a device may read it. */
export const logEntry = record({
  seq: u53,
  envelope,
  kind: envelopeKind,
  atMs: u53,
  /** The commit it builds on. */
  commitSeq: u53,
  ciphertext: large,
  /** Of a commit: the full list of member devices after it; of a `readd-request`: who asks. Otherwise empty. */
  devices,
  /** Of a commit that added the reading device: its Welcome. Otherwise empty. */
  welcome: large,
});
export type LogEntry = Infer<typeof logEntry>;

/** Entries with seq > the requested `after`, ascending and without gaps from `max(after, floorSeq)` on. */
export const logPage = record({
  conversation,
  headSeq: u53,
  /** Entries at or below this are gone (retention), or lie before this device joined. */
  floorSeq: u53,
  entries: list(logEntry, { maxItems: limits.maxPageEnvelopes }),
});
export type LogPage = Infer<typeof logPage>;

/** A commit with everything that becomes true with it, stored in one transaction. */
export const commitBundle = record({
  envelope,
  kind: choice({ commit: 1, 'external-commit': 2, anchor: 4 }),
  /** Compare-and-set: the seq of the last commit in the log, on which this one builds (an anchor only follows it). */
  commitSeq: u53,
  commit: large,
  /** The full list of member devices after the commit. */
  devices,
  /** MLS GroupInfo after the commit, for external joins. */
  groupInfo: large,
  /** One Welcome for all who were added; empty when nobody was. */
  welcome: large,
});
export type CommitBundle = Infer<typeof commitBundle>;

/** A new conversation with its first commit (`commitSeq` 0). */
export const newConversation = record({
  conversation,
  kind: choice({ direct: 1, group: 2 }),
  first: commitBundle,
});
export type NewConversation = Infer<typeof newConversation>;

/**
 * What a device says of its group state when members compare theirs. The server keeps the latest and cannot judge it;
 * a member can lie in it.
 */
export const epochStatement = record({
  /** The last commit that the device has processed, merged or skipped. */
  commitSeq: u53,
  /** The commit after it that it could not process, and waits for the others' word on; 0 when there is none. */
  doubtSeq: u53,
  /** The last commits that it merged, ascending: their places, and 16 bytes of SHA-256 of the epoch authenticator after each (RFC 9420 §8.7). */
  merges: list(
    record({ seq: u53, digest: bytes({ lengthBytes: 1, maxBytes: limits.maxEpochDigestBytes }) }),
    { maxItems: limits.maxStatedMerges },
  ),
});
export type EpochStatement = Infer<typeof epochStatement>;
