/** What becomes true when this device's group moves to a new epoch, whoever committed it. */
import {
  deriveSignalSecret,
  epochDigest,
  keepSignalSecrets,
  type GroupMember,
  type GroupState,
} from '@cipherchat/crypto';
import { equalBytes } from '../keys/equal-bytes.js';
import { idFromRandom, type DeviceId, type MessageId, type UserId } from '@cipherchat/protocol';
import { addMessage, type ShownRow } from '../messages/message-table.js';
import { keyChangedOf } from '../keys/key-changed.js';
import { keepMerges } from '../repair/statement.js';
import { withMembers } from '../restore/refuse-anchor.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { ConversationRow, LeafCheck, RosterMember } from '../state/rows.js';
import { tables } from '../state/tables.js';
import type { Applying } from './context.js';

export type Merge = {
  /** After the merge. */
  readonly group: GroupState;
  readonly membersAfter: readonly GroupMember[];
  readonly committer: GroupMember | null;
  /** `update` leaves older messages readable for everyone who may read; the others do not. */
  readonly kind: 'update' | 'membership' | 'external';
  readonly isOwn: boolean;
};

/** Roster, signal keys, healing and the mark of who came and went. */
export async function afterMerge(
  applying: Applying,
  row: ConversationRow,
  merge: Merge,
): Promise<ConversationRow> {
  const { transaction, conversation, entry, engine, memory, clock } = applying;
  const before = (await transaction.get(tables.rosters, conversation))?.members ?? [];
  const joinedAt = placeInLog({ row, seq: entry.seq, part: entryParts.membership });
  const members = merge.membersAfter.map((member) =>
    rosterMember({ member, before, joinedAt, own: memory.profile }),
  );
  transaction.put(tables.rosters, conversation, { members });
  if (members.some(({ check }) => check === 'unchecked'))
    transaction.after(() => applying.leavesChanged(conversation));
  markMembership(applying, row, { before, members, merge });
  markDevices(applying, row, { before, members });
  const secret = deriveSignalSecret({ engine, state: merge.group });
  return {
    ...row,
    keyChanged: keyChangedOf(members),
    departed: row.departed.filter((user) => members.some((member) => member.user === user)),
    givenProfile: hasNewcomer(before, members) ? 0 : row.givenProfile,
    lostByRestore: withMembers(row.lostByRestore, { seq: entry.seq, members: merge.membersAfter }),
    lastCommitSeq: entry.seq,
    merges: keepMerges(row.merges, { seq: entry.seq, digest: epochDigest({ engine, state: merge.group }) }),
    leftOutSeq: null,
    minCommitSeq: merge.kind === 'update' ? row.minCommitSeq : entry.seq,
    signalSecrets: keepSignalSecrets(row.signalSecrets, secret),
    healing: merge.isOwn
      ? { sentSinceUpdate: 0, updatedAtMs: clock.nowMs(), repliedOnce: true }
      : row.healing,
    // Who joined has not seen our read mark.
    sentReadSeq: merge.kind === 'update' ? row.sentReadSeq : 0,
  };
}

/** Who has nothing of what was given to the others before. */
function hasNewcomer(before: readonly RosterMember[], after: readonly RosterMember[]): boolean {
  return after.some(({ device }) => !before.some((member) => member.device === device));
}

/** A leaf that did not change keeps what was found of it; our own needs no manifest. */
function rosterMember(params: {
  readonly member: GroupMember;
  readonly before: readonly RosterMember[];
  readonly joinedAt: string;
  readonly own: { readonly device: DeviceId; readonly leafKey: Uint8Array };
}): RosterMember {
  const { member, before, joinedAt, own } = params;
  const { leafIndex, leafKey } = member;
  const user = member.user as UserId;
  const device = member.device as DeviceId;
  const known = before.find(
    (candidate) =>
      candidate.device === device && candidate.user === user && equalBytes(candidate.leafKey, leafKey),
  );
  const isSelf = device === own.device && equalBytes(leafKey, own.leafKey);
  const check: LeafCheck = isSelf ? 'genuine' : (known?.check ?? 'unchecked');
  const isFirst = before.length === 0;
  const sincePlace = isFirst ? '' : (before.find((other) => other.user === user)?.sincePlace ?? joinedAt);
  return { user, device, leafIndex, leafKey, check, sincePlace };
}

function markMembership(
  applying: Applying,
  row: ConversationRow,
  change: {
    readonly before: readonly RosterMember[];
    readonly members: readonly RosterMember[];
    readonly merge: Merge;
  },
): void {
  const before = new Set(change.before.map(({ user }) => user));
  const after = new Set(change.members.map(({ user }) => user));
  const added = [...after].filter((user) => !before.has(user));
  const gone = [...before].filter((user) => !after.has(user));
  const left = gone.filter((user) => row.departed.includes(user));
  const removed = gone.filter((user) => !left.includes(user));
  // It came by itself to a group of its account: nobody came or went.
  if (change.merge.kind === 'external' && change.merge.isOwn && change.before.length === 0) return;
  // Between two people nobody comes or goes; a person's own devices do, and that is their business.
  if (row.kind === 'direct' || added.length + gone.length === 0) return;
  const by = (change.merge.committer?.user ?? null) as UserId | null;
  addMark(applying, row, {
    part: entryParts.membership,
    body: { kind: 'membership', by, added, removed, left },
  });
}

/** Of people who were there and stay: in a 1:1, too. */
function markDevices(
  applying: Applying,
  row: ConversationRow,
  {
    before,
    members,
  }: { readonly before: readonly RosterMember[]; readonly members: readonly RosterMember[] },
): void {
  const changes = [...new Set(members.map(({ user }) => user))].flatMap((user) => {
    const had = before.filter((member) => member.user === user).map(({ device }) => device);
    const has = members.filter((member) => member.user === user).map(({ device }) => device);
    const added = has.filter((device) => !had.includes(device)).length;
    const removed = had.filter((device) => !has.includes(device)).length;
    return had.length === 0 || added + removed === 0 ? [] : [{ user, added, removed }];
  });
  if (changes.length > 0)
    addMark(applying, row, { part: entryParts.devices, body: { kind: 'devices', changes } });
}

function addMark(
  { transaction, conversation, entry, memory, random }: Applying,
  row: ConversationRow,
  { part, body }: { readonly part: number; readonly body: ShownRow['body'] },
): void {
  const message: ShownRow = {
    message: idFromRandom<MessageId>(random),
    conversation,
    place: placeInLog({ row, seq: entry.seq, part }),
    seq: entry.seq,
    atMs: entry.atMs,
    sender: null,
    body,
    state: { kind: 'received' },
  };
  addMessage({ transaction, row: message, view: { profile: memory.profile, conversation: row } });
}
