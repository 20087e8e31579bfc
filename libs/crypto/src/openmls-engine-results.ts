/** Between the binding's plain results and the port's. */
import type { WasmChanges, WasmPending, WasmSummary } from '@cipherchat/mls-wasm';
import type { CipherSuite, CommitSummary, PendingCommit, RecordChanges } from './engine.js';
import { unpackLeaf, unpackLeaves } from './openmls-engine-leaves.js';

type Records = ReadonlyMap<string, Uint8Array>;

/** The records after these changes, and the changes without those that change nothing. */
export function applyChanges(
  before: Records,
  made: WasmChanges,
): { readonly records: Records; readonly changes: RecordChanges } {
  const put = made.put.filter(([key, value]) => !equalBytes(before.get(key), value));
  const remove = made.remove.filter((key) => before.has(key));
  const records = new Map(before);
  for (const [key, value] of put) records.set(key, value);
  for (const key of remove) records.delete(key);
  return { records, changes: { put, remove } };
}

/** Of records, for whether to write them again: no secret is compared with anything foreign. */
function equalBytes(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function summaryOf(summary: WasmSummary): CommitSummary {
  return {
    kind: summary.kind,
    committer: summary.committer === null ? null : unpackLeaf(summary.committer),
    added: unpackLeaves(summary.added),
    removed: unpackLeaves(summary.removed),
    updated: unpackLeaves(summary.updated),
    membersAfter: unpackLeaves(summary.membersAfter),
    removesSelf: summary.removesSelf,
    epochAfter: summary.epochAfter,
  };
}

export function pendingOf({ commit, welcome, groupInfo, summary }: WasmPending): PendingCommit {
  return { commit, welcome, groupInfo, summary: summaryOf(summary) };
}

/** The binding lets only these two through; anything else is a bug of it. */
export function ourSuite(code: number): CipherSuite {
  if (code === 0x004e || code === 0x0001) return code;
  throw new RangeError(`suite ${code} is not ours`);
}
