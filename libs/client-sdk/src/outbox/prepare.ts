/**
 * Makes the bytes of an intent. Everything here happens within one step: the MLS state after the making, the bytes,
 * and the envelope id by which the log's echo is recognised become durable together, before anything is sent.
 */
import {
  commitFault,
  pad,
  type GroupState,
  type PendingCommit,
  type RecordChanges,
} from '@cipherchat/crypto';
import {
  commitBundle,
  encode,
  encodeContent,
  newConversation,
  type CommitBundle,
  type ContentBody,
  type MemberDevice,
} from '@cipherchat/protocol';
import { refuseAnchor, takesBackRemoved } from '../restore/refuse-anchor.js';
import { timerInForce } from '../expiry/timer.js';
import { findMessage, putMessage } from '../messages/message-table.js';
import { tables } from '../state/tables.js';
import type { RosterMember } from '../state/rows.js';
import type { IntentRow } from './intents.js';
import {
  bundleOf,
  finish,
  finishBundle,
  newEnvelope,
  type Prepared,
  type PrepareParams,
} from './prepared.js';

const groupLost: Prepared = { kind: 'failed', failure: 'removed-from-conversation' };

export async function prepareIntent(params: PrepareParams): Promise<Prepared> {
  const { work } = params.intent;
  switch (work.kind) {
    case 'message':
      return prepareMessage(params, work);
    case 'create':
      return prepareCreate(params);
    case 'add':
      return prepareCommit(params, {
        add: newcomers(params).map(({ keyPackage }) => keyPackage),
        remove: [],
      });
    case 'remove':
      return prepareCommit(params, {
        add: [],
        remove: present(params, ({ user }) => work.users.includes(user)),
      });
    case 'remove-devices':
      return prepareCommit(params, {
        add: [],
        remove: present(params, ({ device }) => work.devices.some((target) => target.device === device)),
      });
    case 'update':
    case 'mend':
      return prepareCommit(params, { add: [], remove: [] });
    case 'readd':
      return prepareCommit(params, {
        add: params.intent.claimed.map(({ keyPackage }) => keyPackage),
        remove: [work.device],
      });
    case 'rejoin':
      return prepareRejoin(params);
    case 'anchor':
      return prepareAnchor(params);
    case 'found':
      return prepareFounding(params);
    case 'leave':
    case 'ask-readd':
      return { kind: 'done' };
  }
}

async function prepareMessage(
  params: PrepareParams,
  work: Extract<IntentRow['work'], { kind: 'message' }>,
): Promise<Prepared> {
  const { engine, keys, transaction, intent, conversation } = params;
  const group = await transaction.group({ conversation: conversation.id, suite: conversation.suite });
  if (group === null) return groupLost;
  const body = await bodyToSend(params, work);
  if (body === null) return { kind: 'done' };
  const content = {
    message: work.message,
    counter: work.counter ?? conversation.ownCounter + 1,
    sentAtMs: intent.addedAtMs,
    ...(work.disappearAfterS === undefined ? {} : { disappearAfterS: work.disappearAfterS }),
    body,
  };
  const encrypted = engine.encrypt({ state: group, keys, plaintext: pad(encodeContent(content)) });
  if (encrypted.kind === 'failure') return { kind: 'failed', failure: 'refused' };
  transaction.putGroup(encrypted);
  return finish(params, {
    as: 'message',
    commitSeq: conversation.lastCommitSeq,
    bytes: encrypted.ciphertext,
    envelope: newEnvelope(params),
  });
}

/** `null`: there is nothing to say. */
async function bodyToSend(
  { transaction, intent, keys, conversation }: PrepareParams,
  { body, message }: Extract<IntentRow['work'], { kind: 'message' }>,
): Promise<ContentBody | null> {
  if (body.kind === 'told-timer')
    return { kind: 'timer', change: 'told', disappearAfterS: timerInForce(conversation.timer) };
  if (body.kind !== 'own-profile') return body;
  const own = await transaction.get(tables.profiles, keys.user);
  const row = await findMessage({ transaction, conversation: intent.conversation, message });
  if (own === null || row === null) return null;
  const { revision, presence, name, picture } = own;
  putMessage(transaction, { before: row, after: { ...row, body: { kind: 'own-profile', revision } } });
  return { kind: 'profile', revision, presence, name, picture };
}

function prepareCreate(params: PrepareParams): Prepared {
  const { conversation } = params;
  const kind = conversation.kind === 'direct' ? 'direct' : 'group';
  return prepareFirst(params, {
    bundleOf: (made) => bundleOf(params, { pending: made, commitSeq: 0, kind: 'commit' }),
    encoded: (first) => encode(newConversation, { conversation: conversation.id, kind, first }),
  });
}

/** The same first commit, as the anchor of a conversation that stands at the server and has no group any more. */
async function prepareFounding(params: PrepareParams): Promise<Prepared> {
  const { transaction, conversation, anchorOnSeq } = params;
  if (anchorOnSeq === 0) return { kind: 'failed', failure: 'conversation-unknown' };
  await transaction.deleteGroup({ conversation: conversation.id, suite: conversation.suite });
  return prepareFirst(params, {
    bundleOf: (made) => bundleOf(params, { pending: made, commitSeq: anchorOnSeq, kind: 'anchor' }),
    encoded: (bundle) => encode(commitBundle, bundle),
  });
}

function prepareFirst(
  params: PrepareParams,
  as: {
    readonly bundleOf: (made: PendingCommit) => CommitBundle;
    readonly encoded: (bundle: CommitBundle) => Uint8Array;
  },
): Prepared {
  const { engine, keys, transaction, intent, conversation, serverNowMs } = params;
  const nowS = Math.floor(serverNowMs / 1000);
  const created = engine.createGroup({ keys, group: conversation.id, suite: conversation.suite, nowS });
  const made = engine.commit({
    state: created.next,
    keys,
    add: intent.claimed.map(({ keyPackage }) => keyPackage),
    remove: [],
    nowS,
  });
  if (made.kind === 'failure') return { kind: 'gather-again' };
  if (
    commitFault({
      membersBefore: engine.members(created.next),
      clear: { kind: 'commit', devices: made.summary.membersAfter },
      summary: made.summary,
    }) !== null
  ) {
    return { kind: 'failed', failure: 'refused' };
  }
  transaction.putGroup(created);
  transaction.putGroup(made);
  const bundle = as.bundleOf(made);
  return finishBundle(params, { as: 'create', bundle, encoded: () => as.encoded(bundle) });
}

async function prepareCommit(
  params: PrepareParams,
  change: { readonly add: readonly Uint8Array[]; readonly remove: readonly MemberDevice[] },
): Promise<Prepared> {
  const { engine, keys, transaction, intent, conversation, serverNowMs, buildOnSeq } = params;
  const isUpdate = intent.work.kind === 'update' || intent.work.kind === 'mend';
  if (!isUpdate && change.add.length + change.remove.length === 0) return { kind: 'done' };
  const group = await transaction.group({ conversation: conversation.id, suite: conversation.suite });
  if (group === null) return groupLost;
  const made = engine.commit({ state: group, keys, ...change, nowS: Math.floor(serverNowMs / 1000) });
  if (made.kind === 'failure')
    return change.add.length > 0 ? { kind: 'gather-again' } : { kind: 'failed', failure: 'refused' };
  const fault = commitFault({
    membersBefore: engine.members(group),
    clear: { kind: 'commit', devices: made.summary.membersAfter },
    summary: made.summary,
  });
  if (fault !== null)
    return { kind: 'failed', failure: fault === 'too-many-devices' ? 'too-many-devices' : 'refused' };
  transaction.putGroup(made);
  const bundle = bundleOf(params, { pending: made, commitSeq: buildOnSeq, kind: 'commit' });
  return finishBundle(params, { as: 'commit', bundle, encoded: () => encode(commitBundle, bundle) });
}

/** An update of our own leaf on our own epoch. Where the server lost the whole conversation, it is its first commit. */
async function prepareAnchor(params: PrepareParams): Promise<Prepared> {
  const { engine, keys, transaction, conversation, serverNowMs, anchorOnSeq } = params;
  const group = await transaction.group({ conversation: conversation.id, suite: conversation.suite });
  if (group === null) return { kind: 'done' };
  const nowS = Math.floor(serverNowMs / 1000);
  const made = engine.commit({ state: group, keys, add: [], remove: [], nowS });
  if (made.kind === 'failure') return { kind: 'failed', failure: 'refused' };
  transaction.putGroup(made);
  if (anchorOnSeq > 0) {
    const bundle = bundleOf(params, { pending: made, commitSeq: anchorOnSeq, kind: 'anchor' });
    return finishBundle(params, { as: 'commit', bundle, encoded: () => encode(commitBundle, bundle) });
  }
  const first = bundleOf(params, { pending: made, commitSeq: 0, kind: 'commit' });
  const kind = conversation.kind === 'direct' ? 'direct' : 'group';
  return finishBundle(params, {
    as: 'commit',
    bundle: first,
    encoded: () => encode(newConversation, { conversation: conversation.id, kind, first }),
  });
}

async function prepareRejoin(params: PrepareParams): Promise<Prepared> {
  const { engine, keys, transaction, conversation, serverNowMs, groupInfo } = params;
  if (groupInfo === null) return { kind: 'gather-again' };
  const made:
    | (PendingCommit & {
        readonly kind: 'pending';
        readonly next: GroupState;
        readonly changes: RecordChanges;
      })
    | { readonly kind: 'failure' } = engine.externalCommit({
    keys,
    groupInfo: groupInfo.bytes,
    nowS: Math.floor(serverNowMs / 1000),
  });
  // The server's group info is of another group, or not one at all: it may have a better one later.
  if (made.kind === 'failure' || made.next.group !== conversation.id) return { kind: 'gather-again' };
  if (takesBackRemoved({ row: conversation, members: made.summary.membersAfter }))
    return (await refuseAnchor(params)) ? { kind: 'done' } : { kind: 'failed', failure: 'refused' };
  await transaction.deletePendingJoin({ conversation: conversation.id, suite: conversation.suite });
  transaction.putPendingJoin(made);
  const bundle = bundleOf(params, { pending: made, commitSeq: groupInfo.commitSeq, kind: 'external-commit' });
  return finishBundle(params, { as: 'external-commit', bundle, encoded: () => encode(commitBundle, bundle) });
}

/** Claimed devices that are not members already. */
function newcomers({ intent, roster }: PrepareParams): IntentRow['claimed'] {
  return intent.claimed.filter(({ device }) => !roster.some((member) => member.device === device));
}

/** Members that match, but for this device: nobody can remove itself by a commit. */
function present(
  { roster, keys }: PrepareParams,
  matches: (member: RosterMember) => boolean,
): readonly MemberDevice[] {
  return roster
    .filter((member) => member.device !== keys.device && matches(member))
    .map(({ user, device }) => ({ user, device }));
}
