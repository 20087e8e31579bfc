import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWelcomeConsistent, judgeCommit, type ClearPart } from './commit-check.js';
import type { CommitSummary, GroupMember, MlsFailure } from './engine.js';

const id = (digit: number) => `${digit.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
const leaf = (user: number, device: number, leafIndex = device): GroupMember => ({
  user: id(user),
  device: id(device),
  leafIndex,
  leafKey: new Uint8Array(32).fill(device),
});
const before = [leaf(1, 10, 0), leaf(2, 20, 1), leaf(2, 21, 2)];
const [ana, ben, benPhone] = before as [GroupMember, GroupMember, GroupMember];

const update = (changes: Partial<CommitSummary> = {}): CommitSummary => ({
  committer: ana,
  kind: 'update',
  added: [],
  removed: [],
  updated: [ana],
  membersAfter: before,
  removesSelf: false,
  epochAfter: 8n,
  ...changes,
});
const judge = (summary: CommitSummary, clear: Partial<ClearPart> = {}, membersBefore = before) =>
  judgeCommit({
    membersBefore,
    epochBefore: 7n,
    commitBytes: 100,
    clear: {
      kind: summary.kind === 'external' ? 'external-commit' : 'commit',
      devices: summary.membersAfter,
      ...clear,
    },
    inspected: { kind: 'staged', staged: { summary, handle: null } },
  });
const voidOf = (reason: string) => ({ kind: 'void', reason });
const adds = (member: GroupMember) =>
  update({ kind: 'membership', added: [member], membersAfter: [...before, member] });

describe('judging a commit', () => {
  it('merges an update, an add and a remove whose clear list is the members after, in any order', () => {
    const removal = update({ kind: 'membership', removed: [benPhone], membersAfter: [ana, ben] });
    for (const summary of [update(), adds(leaf(3, 30)), removal]) {
      expect(judge(summary)).toEqual({ kind: 'merge', staged: { summary, handle: null } });
      expect(judge(summary, { devices: summary.membersAfter.toReversed() }).kind).toBe('merge');
    }
  });

  it('voids a clear list that omits, adds, repeats or misattributes a device', () => {
    const lists = [
      [ana, ben],
      [...before, leaf(3, 30)],
      [ana, ben, ben],
      [ana, ben, benPhone, benPhone],
      [ana, ben, { ...benPhone, user: id(1) }],
      [],
    ];
    for (const devices of lists) expect(judge(update(), { devices })).toEqual(voidOf('device-list-differs'));
  });

  it('voids a device in two leaves, and a clear list that hides it', () => {
    const twice = adds({ ...ana, leafIndex: 3 });
    expect(judge(twice)).toEqual(voidOf('device-repeated'));
    expect(judge(twice, { devices: before })).toEqual(voidOf('device-repeated'));
  });

  it('voids more than 1,000 devices, and more than 8 MiB', () => {
    const many = Array.from({ length: 1001 }, (_, index) => leaf(1, 100 + index));
    expect(judge(update({ kind: 'membership', added: many, membersAfter: many }))).toEqual(
      voidOf('too-many-devices'),
    );
    const inspected = { kind: 'staged', staged: { summary: update(), handle: null } } as const;
    const clear = { kind: 'commit', devices: before } as const;
    expect(
      judgeCommit({
        membersBefore: before,
        epochBefore: 7n,
        commitBytes: 8 * 1024 * 1024 + 1,
        clear,
        inspected,
      }),
    ).toEqual(voidOf('too-large'));
  });

  it('voids an updated leaf that took another name or key, or that is not the committer’s', () => {
    const leaves = [
      { ...ana, user: id(2) },
      { ...ana, device: id(99) },
      { ...ana, leafKey: new Uint8Array(32) },
      ben,
      { ...ana, leafIndex: 7 },
    ];
    for (const changed of leaves)
      expect(judge(update({ updated: [changed] }))).toEqual(voidOf('update-foreign'));
  });

  it('voids a commit that the store was told is of another kind', () => {
    expect(judge(update(), { kind: 'external-commit' })).toEqual(voidOf('kind-differs'));
    expect(judge(joins(leaf(1, 11)), { kind: 'commit' })).toEqual(voidOf('kind-differs'));
  });
});

const joins = (joiner: GroupMember, changes: Partial<CommitSummary> = {}): CommitSummary =>
  update({
    committer: null,
    kind: 'external',
    added: [joiner],
    updated: [],
    membersAfter: [...before, joiner],
    ...changes,
  });

describe('judging an external commit', () => {
  it('merges a new device of a member user', () => {
    expect(judge(joins(leaf(1, 11))).kind).toBe('merge');
  });

  it('merges a device that replaces its own old leaf', () => {
    expect(judge(joins(ana, { removed: [ana], membersAfter: before })).kind).toBe('merge');
  });

  it('voids the join of a user of whom no device is a member', () => {
    expect(judge(joins(leaf(3, 30)))).toEqual(voidOf('external-stranger'));
  });

  it('voids one that removes somebody else, removes more than one, or adds more or fewer than one', () => {
    const newcomer = leaf(1, 11);
    const another = leaf(2, 22);
    expect(judge(joins(newcomer, { removed: [ana], membersAfter: [ben, benPhone, newcomer] }))).toEqual(
      voidOf('external-not-alone'),
    );
    expect(judge(joins(ana, { removed: [ana, ben], membersAfter: [benPhone, ana] }))).toEqual(
      voidOf('external-not-alone'),
    );
    expect(
      judge(joins(newcomer, { added: [newcomer, another], membersAfter: [...before, newcomer, another] })),
    ).toEqual(voidOf('external-not-alone'));
    expect(judge(joins(newcomer, { added: [], membersAfter: before }))).toEqual(voidOf('external-not-alone'));
  });

  it('voids one whose members after do not follow from what it says it changes', () => {
    const newcomer = leaf(1, 11);
    expect(judge(joins(newcomer, { membersAfter: [ana, ben, newcomer] }))).toEqual(
      voidOf('external-not-alone'),
    );
  });
});

describe('judging a commit that the engine refuses', () => {
  const judgeFailure = (code: MlsFailure['code'], epoch = 7n) =>
    judgeCommit({
      membersBefore: before,
      epochBefore: 7n,
      commitBytes: 1,
      clear: { kind: 'commit', devices: before },
      inspected: { kind: 'failure', code, epoch },
    });

  it('voids what is wrong for every member', () => {
    for (const code of [
      'malformed',
      'wrong-group',
      'wrong-epoch',
      'replayed',
      'too-far-ahead',
      'invalid-commit',
      'invalid-key-package',
      'unsupported-suite',
    ] as const) {
      expect(judgeFailure(code)).toEqual(voidOf('mls-invalid'));
    }
  });

  it('voids a commit of an epoch that is over, and goes to repair with one of an epoch not reached yet', () => {
    expect(judgeFailure('wrong-epoch', 6n)).toEqual(voidOf('mls-invalid'));
    expect(judgeFailure('wrong-epoch', 8n).kind).toBe('repair');
  });

  it('goes to repair with what may have failed only here', () => {
    for (const code of [
      'not-authentic',
      'own-message',
      'no-key-package',
      'not-a-member',
      'pending-commit',
      'no-pending-commit',
      'engine-lost',
    ] as const) {
      expect(judgeFailure(code)).toEqual({ kind: 'repair', failure: { kind: 'failure', code, epoch: 7n } });
    }
  });
});

describe('the judgement', () => {
  it('is the same for every member: it does not depend on the order of lists, and changes nothing', () => {
    const shuffled = fc.shuffledSubarray(before, { minLength: before.length });
    fc.assert(
      fc.property(shuffled, shuffled, shuffled, fc.boolean(), (one, two, three, isListed) => {
        const summary = update({ membersAfter: two });
        const copy = structuredClone(summary);
        expect(judge(summary, { devices: isListed ? three : three.slice(1) }, one).kind).toBe(
          isListed ? 'merge' : 'void',
        );
        expect(summary).toEqual(copy);
      }),
    );
  });
});

describe('a welcome', () => {
  it('is consistent only when it gives the members that the clear list of its commit says', () => {
    expect(isWelcomeConsistent({ members: before, clear: { kind: 'commit', devices: before } })).toBe(true);
    expect(isWelcomeConsistent({ members: before, clear: { kind: 'commit', devices: [ana, ben] } })).toBe(
      false,
    );
    expect(
      isWelcomeConsistent({ members: before, clear: { kind: 'external-commit', devices: before } }),
    ).toBe(false);
  });
});
