/**
 * What the log should do, as a few lines over arrays: the model that the real function is held against. One action
 * at a time; the races are what the test makes of it.
 */
import { limits } from '@cipherchat/protocol';

export type ModelAppend = {
  readonly from: number;
  readonly conversation: number;
  readonly commitSeq: number;
  readonly envelope: number;
};
export type ModelCommit = {
  readonly by: number;
  readonly conversation: number;
  readonly commitSeq: number;
  readonly envelope: number;
  readonly members: readonly number[];
  readonly as: 'commit' | 'external-commit' | 'anchor' | 'founding';
};
export type ModelVerdict = readonly [
  outcome: 'accepted' | 'duplicate' | 'stale-commit' | 'not-member' | 'closed',
  seq: number,
];

export type ModelLog = {
  readonly envelopes: Map<number, number>;
  head: number;
  lastCommit: number;
  open: number[];
  members: Set<number>;
  departing: Set<number>;
  /** Where each member's stay began, and the stays that ended. */
  readonly joinedSeq: Map<number, number>;
  readonly ended: EndedStay[];
  /** Where administrators reset it. */
  readonly resets: number[];
  isClosed: boolean;
};

type EndedStay = {
  readonly device: number;
  readonly joinedSeq: number;
  readonly leftSeq: number;
  readonly wasDeparting: boolean;
};

/** Devices are numbers; two in a row belong to one user. */
export const userOf = (device: number): number => Math.floor(device / 2);

export function newLog(members: readonly number[]): ModelLog {
  return {
    envelopes: new Map(),
    head: 1,
    lastCommit: 1,
    open: [1],
    members: new Set(members),
    departing: new Set(),
    joinedSeq: new Map(members.map((member) => [member, 1])),
    ended: [],
    resets: [],
    isClosed: false,
  };
}

export function appendTo(log: ModelLog, { from, commitSeq, envelope }: ModelAppend): ModelVerdict {
  const first = log.envelopes.get(envelope);
  if (first !== undefined) return ['duplicate', first];
  if (!log.members.has(from) || log.departing.has(from)) return ['not-member', 0];
  if (log.isClosed) return ['closed', 0];
  if (!log.open.includes(commitSeq)) return ['stale-commit', log.lastCommit];
  log.head += 1;
  log.envelopes.set(envelope, log.head);
  return ['accepted', log.head];
}

export type ModelCommitVerdict =
  | { readonly kind: 'accepted'; readonly seq: number }
  | {
      readonly kind:
        | 'conversation/unknown'
        | 'conversation/stale-commit'
        | 'conversation/device-list-invalid'
        | 'conversation/closed'
        | 'request/malformed';
    };

export function commitTo(
  log: ModelLog,
  { by, commitSeq, envelope, members, as }: ModelCommit,
): ModelCommitVerdict {
  const first = log.envelopes.get(envelope);
  if (first !== undefined) return { kind: 'accepted', seq: first };
  const isMember = log.members.has(by);
  const ofMemberUser = [...log.members].some(
    (device) => userOf(device) === userOf(by) && !log.departing.has(device),
  );
  const mayCommit = isMember
    ? !log.departing.has(by)
    : (as !== 'commit' && ofMemberUser) ||
      (as !== 'external-commit' && mayAppeal(log, { by, commitSeq, as }));
  if (!mayCommit) return { kind: 'conversation/unknown' };
  const isAnchor = as === 'anchor' || as === 'founding';
  if (isAnchor && log.resets.length === 0) return { kind: 'request/malformed' };
  if (!isAnchor && log.isClosed) return { kind: 'conversation/closed' };
  if (commitSeq !== log.lastCommit) return { kind: 'conversation/stale-commit' };
  if (!members.includes(by)) return { kind: 'conversation/device-list-invalid' };
  const after = new Set(members);
  const changes = after.size !== log.members.size || members.some((device) => !log.members.has(device));
  log.head += 1;
  log.lastCommit = log.head;
  log.isClosed = false;
  log.open = changes || as !== 'commit' ? [log.head] : [...log.open, log.head].slice(-limits.openCommits);
  for (const device of log.members) if (!after.has(device) || as === 'founding') endStay(log, device);
  for (const device of after) if (!log.joinedSeq.has(device)) log.joinedSeq.set(device, log.head);
  log.members = after;
  log.envelopes.set(envelope, log.head);
  return { kind: 'accepted', seq: log.head };
}

/** Who is no member any more may say that a void commit left it out, if it was one where its commit builds on. */
function mayAppeal(
  log: ModelLog,
  { by, commitSeq, as }: Pick<ModelCommit, 'by' | 'commitSeq' | 'as'>,
): boolean {
  const sinceSeq = as === 'commit' ? 0 : (log.resets.at(-1) ?? 0);
  const stay = log.ended
    .filter(
      ({ device, joinedSeq, leftSeq }) => device === by && joinedSeq <= commitSeq && leftSeq > commitSeq,
    )
    .at(-1);
  return stay !== undefined && !stay.wasDeparting && stay.leftSeq > sinceSeq;
}

function endStay(log: ModelLog, device: number): void {
  const joinedSeq = log.joinedSeq.get(device) ?? 0;
  log.ended.push({ device, joinedSeq, leftSeq: log.head, wasDeparting: log.departing.delete(device) });
  log.joinedSeq.delete(device);
}

/** Its place; while it is closed that of the reset that closed it. */
export function resetTo(log: ModelLog): number {
  if (!log.isClosed) {
    log.head += 1;
    log.resets.push(log.head);
    log.isClosed = true;
  }
  return log.resets.at(-1) ?? 0;
}

export function leave(log: ModelLog, user: number): boolean {
  const own = [...log.members].filter((device) => userOf(device) === user);
  for (const device of own) log.departing.add(device);
  return own.length > 0;
}
