/**
 * What members did to a message after it was written: reactions, edits. Pure; kept with the message, or by the id of a
 * message that is not here yet (a restore of the server brings messages back in another order).
 *
 * What is shown depends on the effects that stand in the log and on their places there, not on when each came: applying
 * one again changes nothing, and neither does the order of applying. Ours that are not in the log yet come on top.
 * A deletion is not in here: a deleted message holds nothing any more, and nothing changes it again.
 */
import type { EffectBody, MessageId, UserId } from '@cipherchat/protocol';

/** Different emoji by one person on one message, as bounds what a member can make the others keep. */
export const maxReactionsPerUser = 20;

type Reaction = Extract<EffectBody, { readonly kind: 'reaction' }>;
type Edit = Extract<EffectBody, { readonly kind: 'edit' }>;

/** The last of a person and emoji. One that was taken back stays known: an earlier one may still come. */
type ReactionMark = {
  readonly user: UserId;
  readonly emoji: string;
  readonly change: Reaction['change'];
  readonly place: string;
};
/** The last of a person. Of a message that is here, its author's only. */
type EditMark = {
  readonly user: UserId;
  readonly text: string;
  readonly place: string;
  readonly atMs: number;
};
/** Ours, not in the log yet. */
type WaitingEffect = {
  readonly effect: MessageId;
  readonly body: Reaction | Edit;
  readonly atMs: number;
};

export type Effects = {
  readonly reactions: readonly ReactionMark[];
  readonly edits: readonly EditMark[];
  /** Who asked for its deletion before it came. */
  readonly deletedBy: readonly UserId[];
  readonly waiting: readonly WaitingEffect[];
};

/** Of a message that is not here yet. `dueMs`: it disappears, and so does this, whether it comes or not. */
export type EarlyEffects = Effects & { readonly dueMs?: number };

export const noEffects: Effects = { reactions: [], edits: [], deletedBy: [], waiting: [] };

/** An effect at its place in the log, with its sender as MLS has authenticated it. */
export type LoggedEffect = {
  readonly user: UserId;
  readonly body: EffectBody;
  readonly place: string;
  readonly atMs: number;
};

/** The same object when it changes nothing. */
export function withLogged(effects: Effects, { user, body, place, atMs }: LoggedEffect): Effects {
  switch (body.kind) {
    case 'reaction':
      return withReaction(effects, { user, emoji: body.emoji, change: body.change, place });
    case 'edit': {
      const known = effects.edits.find((edit) => edit.user === user);
      if (known !== undefined && known.place >= place) return effects;
      const others = effects.edits.filter((edit) => edit.user !== user);
      return { ...effects, edits: [...others, { user, text: body.text, place, atMs }] };
    }
    case 'deletion':
      return effects.deletedBy.includes(user)
        ? effects
        : { ...effects, deletedBy: [...effects.deletedBy, user] };
  }
}

function withReaction(effects: Effects, mark: ReactionMark): Effects {
  const isSame = ({ user, emoji }: ReactionMark): boolean => user === mark.user && emoji === mark.emoji;
  const known = effects.reactions.find(isSame);
  if (known !== undefined && known.place >= mark.place) return effects;
  const others = effects.reactions.filter((reaction) => !isSame(reaction));
  const room = withRoom(others, mark.user);
  return room === null ? effects : { ...effects, reactions: [...room, mark] };
}

/** What was taken back longest ago is forgotten first; who has set as many as may be sets no more. */
function withRoom(reactions: readonly ReactionMark[], user: UserId): readonly ReactionMark[] | null {
  const own = reactions.filter((reaction) => reaction.user === user);
  if (own.length < maxReactionsPerUser) return reactions;
  const [oldest] = own
    .filter(({ change }) => change === 'taken-back')
    .sort((left, right) => (left.place < right.place ? -1 : 1));
  return oldest === undefined ? null : reactions.filter((reaction) => reaction !== oldest);
}

export function withWaiting(effects: Effects, waiting: WaitingEffect): Effects {
  return { ...effects, waiting: [...effects.waiting, waiting] };
}

export function withoutWaiting(effects: Effects, effect: MessageId): Effects {
  return { ...effects, waiting: effects.waiting.filter((waiting) => waiting.effect !== effect) };
}

/** The message came, and with it its author: what others did that only an author may was nothing. */
export function ofAuthor({ dueMs: _, ...effects }: EarlyEffects, author: UserId): Effects {
  return { ...effects, edits: effects.edits.filter(({ user }) => user === author), deletedBy: [] };
}

type ShownEffects = {
  readonly edit: Pick<EditMark, 'text' | 'atMs'> | null;
  readonly reactions: ReadonlyArray<Pick<ReactionMark, 'user' | 'emoji'>>;
};

/** What is shown: in the log's order, then ours in the order of writing. Only authors get an edit to wait or to be kept. */
export function shownEffects(effects: Effects, self: UserId): ShownEffects {
  let edit: ShownEffects['edit'] = effects.edits[0] ?? null;
  let reactions: ShownEffects['reactions'] = [...effects.reactions]
    .sort((left, right) => (left.place < right.place ? -1 : 1))
    .filter(({ change }) => change === 'set');
  for (const { body, atMs } of effects.waiting) {
    if (body.kind === 'edit') edit = { text: body.text, atMs };
    else {
      const others = reactions.filter(({ user, emoji }) => user !== self || emoji !== body.emoji);
      reactions = body.change === 'set' ? [...others, { user: self, emoji: body.emoji }] : others;
    }
  }
  return { edit, reactions };
}
