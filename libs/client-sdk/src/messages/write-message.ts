/** What a person writes: stored with the wish to send it, before anything is sent. */
import {
  idFromRandom,
  type ContentBody,
  type EffectBody,
  type MessageId,
  type PersonBody,
  type UserId,
} from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { putConversation } from '../conversations/conversation-row.js';
import { writableRow, type Where } from '../conversations/writable-row.js';
import { timerInForce, withWaitingTimer } from '../expiry/timer.js';
import { addIntent } from '../outbox/intent-table.js';
import { intentKey } from '../outbox/intents.js';
import { giveProfile } from '../people/profiles.js';
import { acceptRow } from '../people/standing.js';
import type { Runtime } from '../runtime.js';
import { placeOfPending } from '../state/places.js';
import type { ConversationRow, HiddenBody, MessageBody, MessageRow } from '../state/rows.js';
import { only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { Message } from '../views.js';
import { endDraft } from './drafts.js';
import { deleteMessage } from './effect-table.js';
import { maxReactionsPerUser, noEffects, shownEffects, withWaiting } from './effects.js';
import {
  addMessage,
  changeMessage,
  findMessage,
  isShown,
  putMessage,
  viewMessage,
  type ShownRow,
} from './message-table.js';

type Shown = Exclude<ContentBody, EffectBody | PersonBody>;

/** `id`: the caller's, or `null` for a new one. With one that was taken before it is the same message, written once. */
export async function writeMessage(
  runtime: Runtime,
  where: Where,
  { body, id }: { readonly body: Shown; readonly id: MessageId | null },
): Promise<Message> {
  const { steps, memory, ports } = runtime;
  return steps.run('outbox/add-intent', async (transaction) => {
    const row = await acceptRow({ transaction, memory }, await writableRow(runtime, transaction, where));
    const sent = id === null ? null : await findMessage({ transaction, conversation: row.id, message: id });
    if (sent !== null && isShown(sent))
      return viewMessage(sent, { profile: memory.profile, conversation: row });
    if (body.kind === 'text' && body.replyTo !== undefined)
      await messageToRead({ transaction, conversation: row.id, message: body.replyTo });
    const disappearAfterS = body.kind === 'text' ? timerInForce(row.timer) : null;
    const pending = { ...(await addWaiting(runtime, transaction, { row, body, id, disappearAfterS })), body };
    const next: ConversationRow = {
      ...row,
      name: body.kind === 'group-profile' ? body.name : row.name,
      timer:
        body.kind === 'timer'
          ? withWaitingTimer(row.timer, { message: pending.message, afterS: body.disappearAfterS })
          : row.timer,
      lastActivityMs: pending.atMs,
    };
    const view = { profile: memory.profile, conversation: next };
    addMessage({ transaction, row: pending, view });
    putConversation(transaction, next);
    await endDraft({ transaction, memory }, { conversation: next.id, about: pending.message });
    const { atMs: nowMs } = pending;
    const due = { conversation: next.id, random: ports.random, nowMs, notBeforeMs: 0 };
    await giveProfile({ transaction, memory }, due);
    return viewMessage(pending, view);
  });
}

/** Shown at once: a deletion for good, the others until the server refuses them. */
export async function writeEffect(runtime: Runtime, where: Where, body: EffectBody): Promise<void> {
  const { steps, memory } = runtime;
  await steps.run('outbox/add-intent', async (transaction) => {
    const known = await writableRow(runtime, transaction, where);
    const row = await acceptRow({ transaction, memory }, known);
    if (row !== known) putConversation(transaction, row);
    const target = await messageToRead({ transaction, conversation: row.id, message: body.target });
    if (isDone(runtime, target, body)) return;
    checkAllowed(runtime, target, body);
    // Before its own wish is there, which needs no change.
    if (body.kind === 'deletion') deleteMessage({ transaction, memory, row }, target);
    // A deletion holds nothing that could stay too long.
    const disappearAfterS = body.kind === 'deletion' ? null : (target.disappears?.afterS ?? null);
    const pending = await addWaiting(runtime, transaction, { row, body, id: null, disappearAfterS });
    putMessage(transaction, { before: null, after: { ...pending, body: hiddenBody(body) } });
    if (body.kind === 'deletion') return;
    if (body.kind === 'edit')
      await endDraft({ transaction, memory }, { conversation: row.id, about: body.target });
    const effects = withWaiting(target.effects ?? noEffects, {
      effect: pending.message,
      body,
      atMs: pending.atMs,
    });
    changeMessage({ transaction, memory, row }, { before: target, after: { ...target, effects } });
  });
}

function hiddenBody(body: EffectBody): HiddenBody {
  return body.kind === 'edit' ? { kind: 'edit', target: body.target } : body;
}

/** What is so already is not sent again. */
function isDone({ memory }: Runtime, target: ShownRow, body: EffectBody): boolean {
  switch (body.kind) {
    case 'reaction':
      return (body.change === 'set') === ownReactions(memory.profile.user, target).includes(body.emoji);
    case 'deletion':
      return target.body.kind === 'deleted';
    case 'edit':
      return false;
  }
}

function checkAllowed({ memory }: Runtime, target: ShownRow, body: EffectBody): void {
  const { user } = memory.profile;
  if (target.body.kind === 'deleted') throw new CallRefusedError('message-deleted');
  if (body.kind === 'reaction') {
    if (target.body.kind === 'group-profile' || target.body.kind === 'timer')
      throw new CallRefusedError('unknown-message');
    if (body.change === 'set' && ownReactions(user, target).length >= maxReactionsPerUser)
      throw new CallRefusedError('too-many-reactions');
    return;
  }
  const isOwnText = target.body.kind === 'text' && target.sender?.user === user;
  if (!isOwnText || (body.kind === 'edit' && target.state.kind === 'failed'))
    throw new CallRefusedError('not-own-text');
}

function ownReactions(self: UserId, { effects }: ShownRow): readonly string[] {
  const { reactions } = shownEffects(effects ?? noEffects, self);
  return reactions.filter(({ user }) => user === self).map(({ emoji }) => emoji);
}

/** The wish to send it, and its row but for the body. */
async function addWaiting(
  { memory, ports, outbox }: Runtime,
  transaction: Transaction,
  params: {
    readonly row: ConversationRow;
    readonly body: ContentBody;
    readonly id: MessageId | null;
    readonly disappearAfterS: number | null;
  },
): Promise<Omit<MessageRow, 'body'>> {
  const { row, body, id, disappearAfterS: afterS } = params;
  const device = (await transaction.get(tables.device, only)) ?? memory.device;
  const message = id ?? idFromRandom<MessageId>(ports.random);
  const nowMs = ports.clock.nowMs();
  await addIntent(
    { transaction, memory },
    {
      conversation: row.id,
      work: { kind: 'message', message, body, ...(afterS === null ? {} : { disappearAfterS: afterS }) },
      addedAtMs: nowMs,
    },
  );
  transaction.after(() => outbox.wake(row.id));
  return {
    message,
    conversation: row.id,
    place: placeOfPending(Number(intentKey(device.nextIntentOrder))),
    seq: null,
    atMs: nowMs,
    sender: { user: memory.profile.user, device: memory.profile.device },
    ...(afterS === null ? {} : { disappears: { afterS } }),
    state: { kind: 'queued' },
  };
}

/** What stands in a conversation and is nobody's message. */
const marks: ReadonlySet<string> = new Set<MessageBody['kind']>(['gap', 'membership', 'devices']);

/** @throws CallRefusedError `unknown-message`: it is not here, or is a mark and nobody's message. */
async function messageToRead(params: Parameters<typeof findMessage>[0]): Promise<ShownRow> {
  const found = await findMessage(params);
  if (found === null || !isShown(found) || marks.has(found.body.kind))
    throw new CallRefusedError('unknown-message');
  return found;
}
