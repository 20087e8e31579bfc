/** Commits of the fake engine: its own, pending until their envelope is seen. */
import type { GroupMember, MlsEngine } from '@cipherchat/crypto';
import { equalBytes } from '../keys/equal-bytes.js';
import { fromJson, toJson } from './fake-bytes.js';
import {
  failure,
  isSame,
  read,
  summaryOf,
  write,
  type Commit,
  type Epoch,
  type GroupInfo,
  type KeyPackage,
  type PlainSummary,
  type Welcome,
  type FakeState,
} from './fake-group.js';
import type { FakeUniverse } from './fake-universe.js';

/** JSON has no infinity. */
const noEndS = Number.MAX_SAFE_INTEGER;

export function nextEpoch(
  universe: FakeUniverse,
  epoch: Epoch | null,
  members: readonly GroupMember[],
): Epoch {
  return { name: universe.fresh('epoch'), number: (epoch?.number ?? -1) + 1, members };
}

export function makeCommit(
  universe: FakeUniverse,
  { state, keys, add, remove }: Parameters<MlsEngine['commit']>[0],
): ReturnType<MlsEngine['commit']> {
  const found = read(state);
  if (found.removed) return failure('not-a-member');
  if (found.pending !== null) return failure('pending-commit');
  const packages = add.map((bytes) => fromJson<KeyPackage>(bytes));
  if (packages.some((item) => item?.type !== 'key-package')) return failure('invalid-key-package');
  const removed = found.epoch.members.filter((member) => remove.some((target) => isSame(member, target)));
  const stay = found.epoch.members.filter((member) => !removed.includes(member));
  const firstFree = Math.max(-1, ...found.epoch.members.map(({ leafIndex }) => leafIndex)) + 1;
  const added = packages.flatMap((item, index) =>
    item === null
      ? []
      : [{ user: item.user, device: item.device, leafKey: item.leafKey, leafIndex: firstFree + index }],
  );
  const committer = found.epoch.members.find((member) => isSame(member, keys)) ?? null;
  const next = nextEpoch(universe, found.epoch, [...stay, ...added]);
  const summary: PlainSummary = {
    committer,
    kind: added.length + removed.length > 0 ? 'membership' : 'update',
    added,
    removed,
    updated: committer === null ? [] : [committer],
    membersAfter: next.members,
    removesSelf: false,
    epochAfter: next.number,
  };
  const addedUntilS = Math.min(noEndS, ...packages.map((item) => item?.notAfterS ?? noEndS));
  const commit = toJson({
    type: 'commit',
    group: state.group,
    from: found.epoch.name,
    next,
    summary,
    addedUntilS,
  } satisfies Commit);
  const refs = packages.map((item) => item?.ref ?? '');
  const welcome =
    committer === null || added.length === 0
      ? null
      : toJson({
          type: 'welcome',
          group: state.group,
          suite: state.suite,
          epoch: next,
          inviter: committer,
          refs,
        } satisfies Welcome);
  const groupInfo = toJson({
    type: 'group-info',
    group: state.group,
    suite: state.suite,
    epoch: next,
  } satisfies GroupInfo);
  return write(
    state,
    { ...found, pending: { kind: 'commit', summary, next } },
    { kind: 'pending' as const, commit, welcome, groupInfo, summary: summaryOf(summary) },
  );
}

export function makeExternalCommit(
  universe: FakeUniverse,
  { keys, groupInfo }: Parameters<MlsEngine['externalCommit']>[0],
): ReturnType<MlsEngine['externalCommit']> {
  const info = fromJson<GroupInfo>(groupInfo);
  if (info?.type !== 'group-info') return failure('malformed');
  const old = info.epoch.members.filter(
    (member) => member.device === keys.device && equalBytes(member.leafKey, keys.leafKey),
  );
  const stay = info.epoch.members.filter((member) => !old.includes(member));
  const joiner = {
    user: keys.user,
    device: keys.device,
    leafKey: keys.leafKey,
    leafIndex: Math.max(-1, ...stay.map(({ leafIndex }) => leafIndex)) + 1,
  };
  const next = nextEpoch(universe, info.epoch, [...stay, joiner]);
  const summary: PlainSummary = {
    committer: null,
    kind: 'external',
    added: [joiner],
    removed: old,
    updated: [],
    membersAfter: next.members,
    removesSelf: false,
    epochAfter: next.number,
  };
  const group = { group: info.group, suite: info.suite };
  const commit = toJson({
    type: 'commit',
    group: info.group,
    from: info.epoch.name,
    next,
    summary,
    addedUntilS: noEndS,
  } satisfies Commit);
  const state: FakeState = {
    own: { user: keys.user, device: keys.device },
    epoch: next,
    past: [],
    nextGeneration: 0,
    seen: [],
    pending: { kind: 'join', summary, next },
    removed: false,
  };
  return write(group, state, {
    kind: 'pending' as const,
    commit,
    welcome: null,
    groupInfo: toJson({ type: 'group-info', ...group, epoch: next } satisfies GroupInfo),
    summary: summaryOf(summary),
  });
}
