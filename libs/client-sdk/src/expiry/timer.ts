/**
 * How long messages of a conversation stay, as its members set it. Pure.
 *
 * What stands last in the log is in force on all devices, whatever came first; what this person set goes before that until
 * it is in the log, or will never be. A device that joined may have missed the last change: it takes the next that it hears
 * of, what it is told by who added it, and else how long the others' messages stay.
 */
import type { ContentBody, MessageId } from '@cipherchat/protocol';
import type { TimerRow } from '../state/expiry-rows.js';
import type { ConversationRow } from '../state/rows.js';

type TimerBody = Extract<ContentBody, { readonly kind: 'timer' }>;

/** Sorts before every place: whatever comes counts. */
const unknownPlace = '';
/** Sorts before every place of a log, and stands for its beginning. */
const firstPlace = '0';

/** Of a conversation that this device begins. */
export const noTimer: TimerRow = { afterS: null, place: firstPlace, waiting: null };
/** Of one that it joins. */
export const unknownTimer: TimerRow = { ...noTimer, place: unknownPlace };

/** In seconds; `null`: messages stay. */
export function timerInForce({ afterS, waiting }: TimerRow): number | null {
  return waiting === null ? afterS : waiting.afterS;
}

/** This device has joined anew: what it knows may be outdated; who was out of it knows nothing. */
export function joinedTimer({ timer, phase }: Pick<ConversationRow, 'timer' | 'phase'>): TimerRow {
  const isNewcomer = phase === 'removed' || phase === 'joining';
  return { ...timer, afterS: isNewcomer ? null : timer.afterS, place: unknownPlace };
}

/** What a member said of it, at its place in the log; whether that is to be seen in the history. */
export function heard(
  timer: TimerRow,
  { body, place }: { readonly body: TimerBody; readonly place: string },
): { readonly timer: TimerRow; readonly isNews: boolean } {
  const { disappearAfterS: afterS } = body;
  switch (body.change) {
    case 'set':
      return { timer: place > timer.place ? { ...timer, afterS, place } : timer, isNews: true };
    case 'told':
      if (timer.place !== unknownPlace) return { timer, isNews: false };
      return { timer: { ...timer, afterS, place }, isNews: afterS !== timer.afterS };
  }
}

/** A message of another's says how long it stays. */
export function guessed(timer: TimerRow, disappearAfterS: number | null): TimerRow {
  if (timer.place !== unknownPlace || timer.afterS === disappearAfterS) return timer;
  return { ...timer, afterS: disappearAfterS };
}

/** By this person, and not in the log yet. */
export function withWaitingTimer(
  timer: TimerRow,
  waiting: { readonly message: MessageId; readonly afterS: number | null },
): TimerRow {
  return { ...timer, waiting };
}

/** Ours is in the log now. */
export function sentTimer(
  timer: TimerRow,
  sent: { readonly message: MessageId; readonly body: TimerBody; readonly place: string },
): TimerRow {
  return heard(withoutWaitingTimer(timer, sent.message), sent).timer;
}

/** Ours will never be. */
export function withoutWaitingTimer(timer: TimerRow, message: MessageId): TimerRow {
  return timer.waiting?.message === message ? { ...timer, waiting: null } : timer;
}
