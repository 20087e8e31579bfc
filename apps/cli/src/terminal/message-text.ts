/** Messages as text for a person and as JSON for a program. */
import type { DeliveryState, GapReason, Message, PermanentFailure, UserId } from '@cipherchat/client-sdk';
import { durationText, timerText } from '../timer-text.js';
import { safeLine, safeText } from './safe-text.js';

export type NameOf = (user: UserId) => string;

/** Everybody who has to be named to show a message. */
export function peopleIn(message: Message): readonly UserId[] {
  const { sender, body } = message;
  const inBody = usersIn(body);
  const reacting = message.reactions.map(({ user }) => user);
  return [...(sender === null ? [] : [sender.user]), ...inBody, ...reacting];
}

function usersIn(body: Message['body']): readonly UserId[] {
  switch (body.kind) {
    case 'membership':
      return [...body.added, ...body.removed, ...body.left, ...(body.by === null ? [] : [body.by])];
    case 'devices':
      return body.changes.map(({ user }) => user);
    default:
      return [];
  }
}

/** `12:03`, by this machine's clock and zone. */
export function timeOf(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** What was said or happened. Further lines are indented, so that none can pass for a message of its own. */
export function bodyText(message: Message, nameOf: NameOf): string {
  const { body } = message;
  switch (body.kind) {
    case 'text':
      return `${message.replyTo === null ? '' : replyMark}${safeText(body.text).replaceAll('\n', `\n${continuationIndent}`)}${effectsText(message)}`;
    case 'deleted':
      return '* deleted';
    case 'group-profile':
      return body.name === ''
        ? '* removed the name of this group'
        : `* named this group "${safeLine(body.name)}"`;
    case 'timer':
      return noteOfTimer(body);
    case 'membership':
      return membershipText(body, nameOf);
    case 'devices':
      return devicesText(body, nameOf);
    case 'gap':
      return `! ${gapText(body)}`;
    case 'unsupported':
      return `! a message of a kind that this version cannot show (${body.code})`;
  }
}

function noteOfTimer({
  change,
  disappearAfterS,
}: Extract<Message['body'], { readonly kind: 'timer' }>): string {
  if (change === 'told') return `* ${timerText(disappearAfterS)} here`;
  return disappearAfterS === null
    ? '* turned disappearing messages off'
    : `* set messages to disappear after ${durationText(disappearAfterS)}`;
}

const continuationIndent = ' '.repeat(6);
/** Which message it answers is for views that can show it: here it would take a search. */
const replyMark = '↪ ';

function effectsText({ edited, reactions }: Message): string {
  const counts = new Map<string, number>();
  for (const { emoji } of reactions) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  const marks = [...counts].map(([emoji, count]) =>
    count === 1 ? safeLine(emoji) : `${safeLine(emoji)} ${count}`,
  );
  return `${edited === null ? '' : ' (edited)'}${marks.length === 0 ? '' : `  [${marks.join(' ')}]`}`;
}

function membershipText(
  body: Extract<Message['body'], { readonly kind: 'membership' }>,
  nameOf: NameOf,
): string {
  const list = (users: readonly UserId[]): string => users.map((user) => safeLine(nameOf(user))).join(', ');
  const by = body.by === null ? 'somebody' : safeLine(nameOf(body.by));
  const parts = [
    ...(body.added.length > 0 ? [`added ${list(body.added)}`] : []),
    ...(body.removed.length > 0 ? [`removed ${list(body.removed)}`] : []),
  ];
  const done = parts.length === 0 ? [] : [`${by} ${parts.join(' and ')}`];
  const left = body.left.length === 0 ? [] : [`${list(body.left)} left`];
  return `* ${[...done, ...left].join('; ')}`;
}

function devicesText(
  { changes }: Extract<Message['body'], { readonly kind: 'devices' }>,
  nameOf: NameOf,
): string {
  const devices = (count: number): string => (count === 1 ? 'a device' : `${count} devices`);
  const parts = changes.map(({ user, added, removed }) => {
    const done = [
      ...(added > 0 ? [`added ${devices(added)}`] : []),
      ...(removed > 0 ? [`lost ${devices(removed)}`] : []),
    ];
    return `${safeLine(nameOf(user))} ${done.join(' and ')}`;
  });
  return `* ${parts.join('; ')}`;
}

function gapText({ reason, count }: { readonly reason: GapReason; readonly count: number }): string {
  const messages = count === 1 ? 'a message' : `${count} messages`;
  switch (reason) {
    case 'expired':
      return `${messages} missing: the server did not keep it long enough`;
    case 'keys-gone':
      return `${messages} cannot be read: the keys are not on this device any more`;
    case 'not-authentic':
      return `${messages} cannot be read: it was changed on the way, or was never genuine`;
    case 'malformed':
      return `${messages} cannot be read: its content makes no sense`;
    case 'own-lost':
      return `${messages} of your own is not on this device any more`;
    case 'sender-not-verified':
      return `${messages} hidden: it came from a device that its account does not name`;
    case 'cannot-join':
      return 'an invitation could not be opened; ask to be added again';
    case 'messages-missing':
      return `${messages} of this person never came`;
    case 'new-device':
      return 'earlier messages are not on this device';
    case 'rejoined':
      return 'this device joined again; what came in between was not for it';
    case 'reset':
      return `an administrator has reset this conversation, which was beyond repair${count === 0 ? '' : `; ${messages} before it cannot be read on this device`}`;
  }
}

/** The mark beside a message of one's own. */
export function deliveryWord(delivery: DeliveryState): 'waiting' | 'sent' | 'delivered' | 'read' | 'failed' {
  return delivery.kind === 'queued' ? 'waiting' : delivery.kind;
}

/** The same with the reason of a failure. */
export function deliveryText(delivery: DeliveryState): string {
  const why = delivery.kind === 'failed' ? `: ${failureText(delivery.failure)}` : '';
  return `${deliveryWord(delivery)}${why}`;
}

export function failureText(failure: PermanentFailure): string {
  switch (failure) {
    case 'removed-from-conversation':
      return 'you are not in the conversation any more';
    case 'conversation-unknown':
      return 'the server knows no such conversation';
    case 'too-large':
      return 'it is too large';
    case 'expired':
      return 'it waited for too long';
    case 'user-unknown':
      return 'there is no such user';
    case 'no-key-packages':
      return 'their devices have run out of invitations; they must come online first';
    case 'not-accepted':
      return 'they take no new conversations from you';
    case 'too-many-devices':
      return 'the group has as many devices as it may';
    case 'member-not-verified':
      return 'the keys of a member do not fit; compare safety numbers';
    case 'others-in-direct':
      return 'others than the two of you are in the conversation; do not trust it';
    case 'gave-up':
      return 'it was tried for too long';
    case 'refused':
      return 'the server refused it';
  }
}

/** One stable shape for `--json`. */
export function messageJson(message: Message, nameOf: NameOf): Readonly<Record<string, unknown>> {
  const { id, conversation, place, seq, atMs, sender, own, body, replyTo, edited, reactions, delivery } =
    message;
  const { disappearAfterS } = message;
  return {
    id,
    conversation,
    place,
    seq,
    at: new Date(atMs).toISOString(),
    from: sender === null ? null : nameOf(sender.user),
    own,
    body: bodyJson(body, nameOf),
    ...(replyTo === null ? {} : { replyTo }),
    ...(disappearAfterS === null ? {} : { disappearAfterS }),
    ...(edited === null ? {} : { edited: new Date(edited.atMs).toISOString() }),
    ...(reactions.length === 0
      ? {}
      : { reactions: reactions.map(({ emoji, user }) => ({ emoji, from: nameOf(user) })) }),
    delivery: delivery === null ? null : deliveryWord(delivery),
    ...(delivery?.kind === 'failed' ? { failure: delivery.failure } : {}),
  };
}

function bodyJson(body: Message['body'], nameOf: NameOf): Readonly<Record<string, unknown>> {
  switch (body.kind) {
    case 'membership':
      return {
        kind: body.kind,
        by: body.by === null ? null : nameOf(body.by),
        added: body.added.map(nameOf),
        removed: body.removed.map(nameOf),
        left: body.left.map(nameOf),
      };
    case 'devices':
      return {
        kind: body.kind,
        changes: body.changes.map(({ user, added, removed }) => ({ user: nameOf(user), added, removed })),
      };
    case 'unsupported':
      return { kind: body.kind, code: body.code, bytes: Buffer.from(body.bytes).toString('base64url') };
    case 'text':
    case 'group-profile':
    case 'timer':
    case 'deleted':
    case 'gap':
      return { ...body };
  }
}
