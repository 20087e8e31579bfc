/** Carries out one action of one intent. Each ends in at most one step, or in waiting for something. */
import { conversationRoutes, isProblem, type UserId } from '@cipherchat/protocol';
import { claimFor } from '../keys/claim.js';
import { tables } from '../state/tables.js';
import { awaitKeyPackages, countAttempt, giveUp } from './give-up.js';
import { deleteIntent } from './intent-table.js';
import type { ClaimedKeyPackage, IntentRow, IntentWork } from './intents.js';
import { sendReaddRequest } from './send-readd-request.js';
import type { Action } from './next-action.js';
import type { Outbox } from './outbox.js';
import { prepareIntent } from './prepare.js';
import { judgeRefusal } from './refusal.js';
import { sendBundle } from './send-bundle.js';
import { sendLeave, sendMessage } from './send-message.js';
import { requeueWithGroup } from './requeue.js';
import { commitSeqToBuildOn, heldUntilMs } from './wait-for-commit.js';

export type Performed =
  /** Look again: there may be more to do. */
  | { readonly kind: 'progressed' }
  /** Nothing to do until something wakes it. */
  | { readonly kind: 'waiting' }
  /** After a failure: at least so long, and longer the more failures there are. */
  | { readonly kind: 'again-later'; readonly afterMs: number }
  | { readonly kind: 'again-at'; readonly atMs: number };

const progressed: Performed = { kind: 'progressed' };

export async function perform(
  outbox: Outbox,
  params: { readonly intent: IntentRow; readonly action: Action },
): Promise<Performed> {
  const { intent, action } = params;
  const { ports } = outbox;
  switch (action.kind) {
    case 'wait':
      return { kind: 'waiting' };
    case 'wait-until':
      return { kind: 'again-at', atMs: action.atMs };
    case 'check-leaves':
      await ports.checkLeaves(intent.conversation);
      return progressed;
    case 'gather':
      return gather(outbox, intent);
    case 'prepare':
      return prepare(outbox, intent);
    case 'send':
      return send(outbox, intent);
    case 'drop':
      await ports.steps.run('outbox/discard', (transaction) => deleteIntent(transaction, intent));
      return progressed;
    case 'requeue':
      return requeueWithGroup(outbox, intent);
    case 'fetch':
      ports.noteHead(intent.conversation, action.seq);
      return { kind: 'waiting' };
    case 'fail':
      return giveUp(outbox, intent, action.failure);
  }
}

async function send(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  if (intent.work.kind === 'leave') return sendLeave(outbox, intent);
  if (intent.work.kind === 'ask-readd') return sendReaddRequest(outbox, intent, intent.work.envelope);
  const atMs = heldUntilMs(outbox, intent.conversation);
  if (atMs !== null) return { kind: 'again-at', atMs };
  return intent.work.kind === 'message' ? sendMessage(outbox, intent) : sendBundle(outbox, intent);
}

async function gather(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { ports } = outbox;
  const row = ports.memory.conversations.get(intent.conversation);
  const { work } = intent;
  if (row === undefined || !needsKeyPackages(work)) return { kind: 'waiting' };
  const own = ports.memory.profile;
  const users =
    work.kind === 'found' ? await stillMembers(outbox, intent, work.users) : usersToGather(work, own.user);
  const nowS = Math.floor((ports.clock.nowMs() + ports.serverOffsetMs()) / 1000);
  const gathered: ClaimedKeyPackage[] = [];
  for (const user of users) {
    const result = await claimFor(ports, {
      user,
      suite: row.suite,
      wanted: (device) => (work.kind === 'readd' ? device === work.device.device : device !== own.device),
      nowS,
    });
    if (result.kind === 'claimed') gathered.push(...result.claimed);
    // Who cannot be added now may be added later: the others are not to wait for them.
    else if ((user !== own.user && work.kind !== 'found') || work.kind === 'readd')
      return result.kind === 'failed'
        ? giveUp(outbox, intent, result.failure)
        : awaitKeyPackages(outbox, intent);
  }
  if (work.kind === 'found' && gathered.length === 0) return countAttempt(outbox, intent, 'no-key-packages');
  await ports.steps.run('outbox/gather', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    // Meanwhile the conversation may have been replaced, or left.
    if (current?.state.kind === 'queued')
      transaction.put(tables.intents, intent.key, { ...current, claimed: gathered });
  });
  return progressed;
}

type Gathering = Extract<IntentWork, { kind: 'create' | 'add' | 'readd' | 'found' }>;

function needsKeyPackages(work: IntentWork): work is Gathering {
  return ['create', 'add', 'readd', 'found'].includes(work.kind);
}

/** Of the people whom this device knew in the group, those whom nobody has removed since: the server can only leave out. */
async function stillMembers(
  { ports }: Outbox,
  { conversation }: IntentRow,
  known: readonly UserId[],
): Promise<readonly UserId[]> {
  const { members } = await ports.api.call(conversationRoutes.read, { path: { conversation } });
  const staying = new Set(members.filter(({ departing }) => !departing).map(({ user }) => user));
  return known.filter((user) => staying.has(user));
}

function usersToGather(work: Exclude<Gathering, { kind: 'found' }>, own: UserId): readonly UserId[] {
  switch (work.kind) {
    case 'create':
      // A new conversation is this person's, so all their devices are in it.
      return [...work.users, own];
    case 'add':
      return work.users;
    case 'readd':
      return [work.device.user];
  }
}

async function prepare(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { ports } = outbox;
  const groupInfo = intent.work.kind === 'rejoin' ? await readGroupInfo(outbox, intent) : null;
  if (intent.work.kind === 'rejoin' && groupInfo === null)
    return giveUp(outbox, intent, 'conversation-unknown');
  const anchors = intent.work.kind === 'anchor' || intent.work.kind === 'found';
  const anchorOnSeq = anchors ? await readLastCommit(outbox, intent) : 0;
  const readSeq = ports.memory.conversations.get(intent.conversation)?.cursorSeq ?? 0;
  if (anchorOnSeq > readSeq) {
    ports.noteHead(intent.conversation, anchorOnSeq);
    return countAttempt(outbox, intent, 'refused');
  }
  const prepared = await ports.steps.run('outbox/prepare', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    const conversation = await transaction.get(tables.conversations, intent.conversation);
    // An entry that was applied meanwhile may have changed what there is to do.
    if (current?.state.kind !== 'queued' || conversation === null || !ports.isCaughtUp(intent.conversation))
      return null;
    const roster = (await transaction.get(tables.rosters, intent.conversation))?.members ?? [];
    const serverNowMs = ports.clock.nowMs() + ports.serverOffsetMs();
    const result = await prepareIntent({
      ...ports,
      transaction,
      intent: current,
      conversation,
      roster,
      serverNowMs,
      groupInfo,
      anchorOnSeq,
      buildOnSeq: commitSeqToBuildOn(outbox, conversation),
    });
    if (result.kind === 'prepared') transaction.after(() => outbox.neverHanded.add(result.envelope));
    if (result.kind === 'done') deleteIntent(transaction, current);
    return result;
  });
  switch (prepared?.kind) {
    case undefined:
      return { kind: 'waiting' };
    case 'prepared':
    case 'done':
      return progressed;
    case 'failed':
      return giveUp(outbox, intent, prepared.failure);
    case 'gather-again':
      return countAttempt(outbox, { ...intent, claimed: [] }, 'refused');
  }
}

/** 0 when the server has no such conversation, or none for us. */
async function readLastCommit(outbox: Outbox, intent: IntentRow): Promise<number> {
  try {
    const { lastCommitSeq } = await outbox.ports.api.call(conversationRoutes.read, {
      path: { conversation: intent.conversation },
    });
    return lastCommitSeq;
  } catch (error) {
    if (isProblem(error) && error.is('conversation/unknown')) return 0;
    throw error;
  }
}

/** `null` when the server does not serve it to us. */
async function readGroupInfo(
  outbox: Outbox,
  intent: IntentRow,
): Promise<{ readonly bytes: Uint8Array; readonly commitSeq: number } | null> {
  try {
    const { body, header } = await outbox.ports.api.callForBytes(conversationRoutes.readGroupInfo, {
      path: { conversation: intent.conversation },
    });
    return { bytes: body, commitSeq: Number(header('cipherchat-commit-seq') ?? '0') };
  } catch (error) {
    if (isProblem(error) && judgeRefusal(error).kind === 'fail') return null;
    throw error;
  }
}
