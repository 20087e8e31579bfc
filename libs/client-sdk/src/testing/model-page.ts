/** What a device may read of a log of the model. */
import { limits, type DeviceId, type LogEntry } from '@cipherchat/protocol';
import type { ModelMember } from './model-stay.js';

export type Stored = LogEntry & { readonly added: ReadonlySet<DeviceId> };
export type ModelPage = {
  readonly floorSeq: number;
  readonly headSeq: number;
  readonly entries: readonly LogEntry[];
};

export function pageOf(params: {
  readonly entries: readonly Stored[];
  readonly members: readonly ModelMember[];
  readonly floorSeq: number;
  readonly headSeq: number;
  readonly device: DeviceId;
  readonly after: number;
}): ModelPage | null {
  const { entries, members, floorSeq, headSeq, device, after } = params;
  const spans = members.filter((member) => member.device === device);
  if (spans.length === 0) return null;
  const readable = ({ seq }: Stored): boolean =>
    spans.some(({ joinedSeq, leftSeq }) => seq >= joinedSeq && (leftSeq === null || seq <= leftSeq));
  const firstJoined = Math.min(...spans.map(({ joinedSeq }) => joinedSeq));
  const shown = entries
    .filter((entry) => entry.seq > Math.max(after, floorSeq) && readable(entry))
    .slice(0, limits.maxPageEnvelopes);
  return {
    floorSeq: Math.max(firstJoined - 1, floorSeq, (shown[0]?.seq ?? 1) - 1),
    headSeq,
    entries: shown.map((entry) => forDevice(entry, device)),
  };
}

/** A welcome is only for those that the commit added. */
function forDevice(stored: Stored, device: DeviceId): LogEntry {
  const { seq, envelope, kind, atMs, commitSeq, ciphertext, devices, added } = stored;
  return {
    seq,
    envelope,
    kind,
    atMs,
    commitSeq,
    ciphertext,
    devices,
    welcome: added.has(device) ? stored.welcome : new Uint8Array(0),
  };
}
