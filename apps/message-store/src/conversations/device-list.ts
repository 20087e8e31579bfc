import {
  limits,
  problem,
  type CommitBundle,
  type DeviceId,
  type MemberDevice,
  type UserId,
} from '@cipherchat/protocol';

/** What a commit changes about the devices of a conversation. */
export type DeviceListChange = {
  readonly added: readonly MemberDevice[];
  readonly removed: readonly MemberDevice[];
};

export type DeviceListParams = {
  /** The members when the commit was made; empty for a new conversation. */
  readonly before: readonly MemberDevice[];
  /** The full list that the commit claims. */
  readonly after: readonly MemberDevice[];
  readonly sender: MemberDevice;
  /** The two users of a direct conversation, or null for a group. */
  readonly pair: readonly UserId[] | null;
};

/**
 * Checks what the server can check of a device list; whether it fits the commit only members can tell.
 * @throws ProblemError `conversation/device-list-invalid`, `conversation/too-many-devices`
 */
export function changeOfDevices({ before, after, sender, pair }: DeviceListParams): DeviceListChange {
  if (after.length > limits.maxConversationDevices) {
    throw problem('conversation/too-many-devices', { maxDevices: limits.maxConversationDevices });
  }
  const usersBefore = usersByDevice(before);
  const usersAfter = usersByDevice(after);
  const isValid =
    usersAfter.size === after.length &&
    usersAfter.get(sender.device) === sender.user &&
    // A device belongs to one user for ever.
    after.every(({ user, device }) => (usersBefore.get(device) ?? user) === user) &&
    (pair === null || after.every(({ user }) => pair.includes(user)));
  if (!isValid) throw problem('conversation/device-list-invalid');
  return {
    added: after.filter(({ device }) => !usersBefore.has(device)),
    removed: before.filter(({ device }) => !usersAfter.has(device)),
  };
}

/** The change with a device that the commit removes and adds again, where it stood on both lists. */
export function withReadd(
  { devices }: { readonly devices: readonly MemberDevice[] },
  change: DeviceListChange,
  readds: DeviceId | undefined,
): DeviceListChange {
  const member = devices.find(({ device }) => device === readds);
  const isNew = change.added.some(({ device }) => device === readds);
  if (member === undefined || isNew) return change;
  return { added: [...change.added, member], removed: [...change.removed, member] };
}

/** The change by a commit that founds the group anew: nobody's keys are of the group before it, all join by its Welcome. */
export function withAllAnew(params: {
  readonly bundle: Pick<CommitBundle, 'kind' | 'devices' | 'welcome'>;
  readonly before: readonly MemberDevice[];
  readonly change: DeviceListChange;
}): DeviceListChange {
  const { bundle, before, change } = params;
  const foundsAnew = bundle.kind === 'anchor' && bundle.welcome.length > 0;
  return foundsAnew ? { added: bundle.devices, removed: before } : change;
}

/**
 * The two users of a new direct conversation, in the order of their key.
 * @throws ProblemError `conversation/device-list-invalid` unless they are exactly two
 */
export function pairOf(devices: readonly MemberDevice[]): readonly [UserId, UserId] {
  const [first, second, ...others] = [...new Set(devices.map(({ user }) => user))].sort();
  if (first === undefined || second === undefined || others.length > 0)
    throw problem('conversation/device-list-invalid');
  return [first, second];
}

const separator = ':';

export function directKeyOf(pair: readonly UserId[]): string {
  return pair.join(separator);
}

export function pairOfDirectKey(key: string | null): readonly UserId[] | null {
  return key === null ? null : (key.split(separator) as UserId[]);
}

function usersByDevice(devices: readonly MemberDevice[]): ReadonlyMap<DeviceId, UserId> {
  return new Map(devices.map(({ device, user }) => [device, user]));
}
