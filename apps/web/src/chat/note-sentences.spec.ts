import { beforeAll, describe, expect, it } from '@jest/globals';
import type { UserId } from '@cipherchat/client-sdk';
import { loadLanguage, type LanguageCode } from '../catalogue/languages.js';
import { devicesChanged, membership, named, timerChanged, type Wording } from './note-sentences.js';

const [self, ann, salma] = ['self', 'ann', 'سلمى'] as UserId[] as [UserId, UserId, UserId];
const nobody = { kind: 'membership', by: null, added: [], removed: [], left: [] } as const;

async function wordingIn(code: LanguageCode): Promise<Wording> {
  return { ...(await loadLanguage(code, [])), self, nameOf: (user) => user };
}

describe('what happened in a group, in English', () => {
  let english: Wording;
  beforeAll(async () => {
    english = await wordingIn('en');
  });

  it('is told of others by their names', () => {
    const body = { ...nobody, by: ann, added: [salma] };
    expect(membership(body, english)).toBe('ann added \u2068\u2068سلمى\u2069\u2069.');
    expect(named({ name: 'Plans', by: ann }, english)).toBe('ann named the group “Plans”.');
    expect(devicesChanged({ user: ann, added: 0, removed: 2 }, english)).toBe(
      '2 devices of ann were removed.',
    );
  });

  it('is told of oneself in the second person', () => {
    expect(membership({ ...nobody, by: self, removed: [ann] }, english)).toBe('You removed ann.');
    expect(membership({ ...nobody, by: ann, added: [self] }, english)).toBe('ann added you.');
    expect(membership({ ...nobody, left: [self] }, english)).toBe('You left.');
    expect(named({ name: 'Plans', by: self }, english)).toBe('You named the group “Plans”.');
    expect(devicesChanged({ user: self, added: 1, removed: 0 }, english)).toBe(
      'A device of yours was added.',
    );
  });

  it('adds nobody to the group that they founded', () => {
    expect(membership({ ...nobody, by: self, added: [self, ann] }, english)).toBe('You added ann.');
    expect(membership({ ...nobody, by: ann, added: [ann] }, english)).toBe('ann joined.');
  });

  it('tells who set how long messages stay, and of who joined only how long', () => {
    const timer = { kind: 'timer', change: 'set', disappearAfterS: 86_400 } as const;
    expect(timerChanged({ ...timer, by: ann }, english)).toBe('ann set messages to disappear after 1 day.');
    expect(timerChanged({ ...timer, by: self }, english)).toBe('You set messages to disappear after 1 day.');
    const off = { ...timer, disappearAfterS: null };
    expect(timerChanged({ ...off, by: ann }, english)).toBe('ann turned disappearing messages off.');
    expect(timerChanged({ ...timer, change: 'told', by: ann }, english)).toBe(
      'Messages here disappear after 1 day.',
    );
  });

  it('tells several changes one after the other', () => {
    const body = { ...nobody, by: ann, added: [self], left: [salma, self] };
    expect(membership(body, english)).toBe('ann added you. \u2068\u2068سلمى\u2069 and you\u2069 left.');
  });
});

describe('what happened in a group, in Arabic', () => {
  it('keeps every name apart from the sentence', async () => {
    const body = { ...nobody, by: ann, added: [salma, self] };
    expect(membership(body, await wordingIn('ar'))).toBe(
      'أضاف \u2068ann\u2069 إلى المجموعة: \u2068\u2068سلمى\u2069 و\u2068أنت\u2069\u2069.',
    );
  });
});
