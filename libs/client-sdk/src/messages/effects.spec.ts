/** What is shown of effects, whatever the order in which they come. Pure: nothing is faked. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idFromBytes, type EffectBody, type MessageId, type UserId } from '@cipherchat/protocol';
import {
  maxReactionsPerUser,
  noEffects,
  ofAuthor,
  shownEffects,
  withLogged,
  withoutWaiting,
  withWaiting,
  type Effects,
  type LoggedEffect,
} from './effects.js';

const id = <T extends string>(byte: number): T => idFromBytes<T>(new Uint8Array(16).fill(byte));
const target = id<MessageId>(1);
const users = [id<UserId>(2), id<UserId>(3), id<UserId>(4)] as const;
const [author, ben] = users;
const emojis = ['👍', '🎉', '❤️'] as const;

const anyBody: fc.Arbitrary<EffectBody> = fc.oneof(
  fc.record({
    kind: fc.constant('reaction' as const),
    target: fc.constant(target),
    change: fc.constantFrom('set' as const, 'taken-back' as const),
    emoji: fc.constantFrom(...emojis),
  }),
  fc.record({ kind: fc.constant('edit' as const), target: fc.constant(target), text: fc.string() }),
);
/** In the order of the log. */
const anyLog: fc.Arbitrary<readonly LoggedEffect[]> = fc
  .array(fc.record({ user: fc.constantFrom(...users), body: anyBody }), { maxLength: 20 })
  .map((effects) =>
    effects.map((effect, index) => ({ ...effect, place: `${index}`.padStart(4, '0'), atMs: index })),
  );

const applyAll = (effects: readonly LoggedEffect[]): Effects => effects.reduce(withLogged, noEffects);
const shown = (effects: Effects) => shownEffects(ofAuthor(effects, author), author);

/** Straight from the words: the last of each person and emoji, and the author's last edit. */
function wanted(log: readonly LoggedEffect[]) {
  const edit = log.findLast(({ user, body }) => user === author && body.kind === 'edit');
  const reactions = log.filter(({ user, body }, index) => {
    if (body.kind !== 'reaction' || body.change !== 'set') return false;
    const later = log.slice(index + 1);
    return !later.some(
      (other) => other.user === user && other.body.kind === 'reaction' && other.body.emoji === body.emoji,
    );
  });
  return {
    text: edit?.body.kind === 'edit' ? edit.body.text : null,
    reactions: reactions.map(({ user, body }) => ({
      user,
      emoji: body.kind === 'reaction' ? body.emoji : '',
    })),
  };
}

function asWanted(effects: Effects) {
  const { edit, reactions } = shown(effects);
  return {
    text: edit?.text ?? null,
    reactions: reactions.map(({ user, emoji }) => ({ user, emoji })),
  };
}

const reaction = (change: 'set' | 'taken-back', emoji: string) =>
  ({ kind: 'reaction', target, change, emoji }) as const;

describe('the effects on a message', () => {
  it('are the last of each person in the log, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(
        anyLog.chain((log) =>
          fc.tuple(
            fc.constant(log),
            fc.shuffledSubarray([...log], { minLength: log.length }),
            fc.subarray([...log]),
          ),
        ),
        ([log, shuffled, repeated]) => {
          expect(asWanted(applyAll([...shuffled, ...repeated]))).toEqual(wanted(log));
        },
      ),
    );
  });

  it('say the same object when nothing changed', () => {
    const effect = { user: ben, body: reaction('set', '👍'), place: '0001', atMs: 1 };
    const once = withLogged(noEffects, effect);
    expect(withLogged(once, effect)).toBe(once);
  });

  it('of a person are bounded, and what was taken back makes room', () => {
    const set = (index: number): LoggedEffect => ({
      user: ben,
      body: reaction('set', String.fromCodePoint(0x1f600 + index)),
      place: `${index}`.padStart(4, '0'),
      atMs: index,
    });
    const full = applyAll(Array.from({ length: maxReactionsPerUser }, (_, index) => set(index)));
    expect(shown(withLogged(full, set(30))).reactions).toHaveLength(maxReactionsPerUser);
    expect(withLogged(full, set(30))).toBe(full);
    const room = withLogged(full, { ...set(0), body: reaction('taken-back', '😀'), place: '0040' });
    const emojisAfter = shown(withLogged(room, { ...set(41), place: '0041' })).reactions.map(
      ({ emoji }) => emoji,
    );
    expect(emojisAfter).toHaveLength(maxReactionsPerUser);
    expect(emojisAfter).not.toContain('😀');
    expect(withLogged(full, { ...set(30), user: author }).reactions).toHaveLength(maxReactionsPerUser + 1);
  });

  it('show ours at once, and what the others see when it fails', () => {
    const logged = applyAll([
      { user: author, body: { kind: 'edit', target, text: 'logged' }, place: '0001', atMs: 1 },
      { user: author, body: reaction('set', '👍'), place: '0002', atMs: 2 },
    ]);
    const first = {
      effect: id<MessageId>(8),
      body: { kind: 'edit', target, text: 'ours' } as const,
      atMs: 3,
    };
    const second = { effect: id<MessageId>(9), body: reaction('taken-back', '👍'), atMs: 4 };
    const waiting = withWaiting(withWaiting(logged, first), second);
    expect(asWanted(waiting)).toEqual({ text: 'ours', reactions: [] });
    const failed = withoutWaiting(withoutWaiting(waiting, first.effect), second.effect);
    expect(failed).toEqual(logged);
  });
});
