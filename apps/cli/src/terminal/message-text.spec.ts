import { describe, expect, it } from '@jest/globals';
import type { GapReason, Message, MessageBody, UserId } from '@cipherchat/client-sdk';
import { bodyText, deliveryWord, messageJson, peopleIn } from './message-text.js';

const [anna, ben] = ['user-anna' as UserId, 'user-ben' as UserId];
const names: Readonly<Record<string, string>> = { [anna]: 'anna', [ben]: 'ben' };
const nameOf = (user: UserId): string => names[user] ?? 'unknown';

function messageWith(body: MessageBody): Message {
  return {
    id: 'id' as Message['id'],
    conversation: 'conversation' as Message['conversation'],
    place: 'p1',
    seq: 7,
    atMs: 0,
    sender: { user: anna, device: 'device' as never },
    own: false,
    body,
    replyTo: null,
    edited: null,
    reactions: [],
    disappearAfterS: null,
    delivery: null,
  };
}
const textOf = (body: MessageBody): string => bodyText(messageWith(body), nameOf);

describe('a message as text', () => {
  it('has its further lines indented, so that none can pass for a message of its own', () => {
    expect(textOf({ kind: 'text', text: 'one\n12:00 ben: I agree' })).toBe('one\n      12:00 ben: I agree');
  });

  it('has no control characters of its sender, in texts and in names', () => {
    expect(textOf({ kind: 'text', text: 'a\x1b[2Jb' })).toBe('a<U+001B>[2Jb');
    expect(textOf({ kind: 'group-profile', name: 'x\n\x1b]0;y\x07' })).toBe(
      '* named this group "x⏎<U+001B>]0;y<U+0007>"',
    );
  });

  it('says that it answers another', () => {
    const reply = { ...messageWith({ kind: 'text', text: 'yes' }), replyTo: 'question' as Message['id'] };
    expect(bodyText(reply, nameOf)).toBe('↪ yes');
    expect(messageJson(reply, nameOf)).toMatchObject({ replyTo: 'question' });
  });

  it('says that it was edited, deleted, and what others think of it', () => {
    const thumb = { emoji: '👍', own: false };
    const changed: Message = {
      ...messageWith({ kind: 'text', text: 'better' }),
      edited: { atMs: 60_000 },
      reactions: [
        { ...thumb, user: anna },
        { ...thumb, user: ben },
        { emoji: '🎉', user: ben, own: false },
      ],
    };
    expect(bodyText(changed, nameOf)).toBe('better (edited)  [👍 2 🎉]');
    expect(messageJson(changed, nameOf)).toMatchObject({
      edited: '1970-01-01T00:01:00.000Z',
      reactions: [{ emoji: '👍', from: 'anna' }, { from: 'ben' }, { emoji: '🎉', from: 'ben' }],
    });
    expect(peopleIn(changed)).toContain(ben);
    expect(textOf({ kind: 'deleted' })).toBe('* deleted');
  });

  it('says how long messages stay from here on', () => {
    const set = { kind: 'timer', change: 'set', disappearAfterS: 86_400 } as const;
    expect(textOf(set)).toBe('* set messages to disappear after 1 day');
    expect(textOf({ ...set, disappearAfterS: null })).toBe('* turned disappearing messages off');
    expect(textOf({ ...set, change: 'told' })).toBe('* messages disappear 1 day after they are read here');
    expect(messageJson(messageWith(set), nameOf)['body']).toEqual(set);
    const short = { ...messageWith({ kind: 'text', text: 'psst' }), disappearAfterS: 30 };
    expect(messageJson(short, nameOf)).toMatchObject({ disappearAfterS: 30 });
  });

  it('says who came and went', () => {
    expect(textOf({ kind: 'membership', by: anna, added: [ben], removed: [], left: [] })).toBe(
      '* anna added ben',
    );
    expect(textOf({ kind: 'membership', by: anna, added: [], removed: [], left: [ben] })).toBe('* ben left');
    expect(textOf({ kind: 'devices', changes: [{ user: ben, added: 1, removed: 2 }] })).toBe(
      '* ben added a device and lost 2 devices',
    );
    expect(textOf({ kind: 'membership', by: null, added: [], removed: [anna, ben], left: [] })).toBe(
      '* somebody removed anna, ben',
    );
  });

  it('says what is missing, one or many', () => {
    expect(textOf({ kind: 'gap', reason: 'messages-missing', count: 1 })).toBe(
      '! a message of this person never came',
    );
    expect(textOf({ kind: 'gap', reason: 'messages-missing', count: 3 })).toBe(
      '! 3 messages of this person never came',
    );
  });

  it('says of every kind of gap what is missing and why, each in words of its own', () => {
    // Does not compile where one is missing.
    const counts: Readonly<Record<GapReason, number>> = {
      expired: 2,
      'keys-gone': 2,
      'not-authentic': 2,
      malformed: 2,
      'own-lost': 1,
      'sender-not-verified': 2,
      'cannot-join': 1,
      'messages-missing': 2,
      'new-device': 0,
      rejoined: 2,
      reset: 2,
    };
    const reasons = Object.keys(counts) as GapReason[];
    const texts = reasons.map((reason) => textOf({ kind: 'gap', reason, count: counts[reason] }));
    expect(texts.every((text) => text.startsWith('! '))).toBe(true);
    expect(new Set(texts).size).toBe(reasons.length);
    expect(texts).toMatchSnapshot();
  });

  it('names everybody who has to be known to show it', () => {
    expect(
      peopleIn(messageWith({ kind: 'membership', by: anna, added: [ben], removed: [], left: [] })),
    ).toEqual([anna, ben, anna]);
  });
});

describe('a message as JSON', () => {
  it('has names instead of ids of people, and a time that programs read', () => {
    expect(messageJson(messageWith({ kind: 'text', text: 'hi' }), nameOf)).toEqual({
      id: 'id',
      conversation: 'conversation',
      place: 'p1',
      seq: 7,
      at: '1970-01-01T00:00:00.000Z',
      from: 'anna',
      own: false,
      body: { kind: 'text', text: 'hi' },
      delivery: null,
    });
  });

  it('says how far an own message came, and why it never will', () => {
    const failed = {
      ...messageWith({ kind: 'text', text: 'hi' }),
      delivery: { kind: 'failed', failure: 'expired' } as const,
    };
    expect(messageJson(failed, nameOf)).toMatchObject({ delivery: 'failed', failure: 'expired' });
    expect([deliveryWord({ kind: 'queued' }), deliveryWord({ kind: 'read' })]).toEqual(['waiting', 'read']);
  });
});
