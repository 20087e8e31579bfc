/** Which commits make sense now, and one of them at random. `null` where none does. */
import type { Intent } from './commits.js';
import type { ChurnDevice } from './device.js';
import { isListed, members, outsiders, type Run } from './run-state.js';

const maxJoinersAtOnce = 2;
const minMembers = 2;

export type IntentKind = Intent['kind'];

export function drawIntent(run: Run, kind: IntentKind, by: ChurnDevice | null = null): Intent | null {
  const inside = members(run);
  const room = run.maxMembers - inside.length;
  const committer = (others: readonly ChurnDevice[]): ChurnDevice => by ?? run.random.pick(others);
  switch (kind) {
    case 'update':
      return { kind, by: committer(inside) };
    case 'add':
    case 'last-resort-join': {
      const candidates = run.random
        .shuffled(outsiders(run))
        .slice(0, kind === 'add' ? 1 + run.random.below(maxJoinersAtOnce) : 1);
      if (candidates.length === 0 || room < candidates.length) return null;
      const { nowS } = run.log;
      const joiners = candidates.map((device) => ({
        device,
        keyPackage: kind === 'add' ? device.newKeyPackage(nowS) : device.lastResortKeyPackage(nowS),
      }));
      return { kind, by: committer(inside), joiners };
    }
    case 'remove': {
      const remover = committer(inside);
      const most = Math.min(inside.length - minMembers, 1 + run.random.below(2));
      const leavers = run.random.shuffled(inside.filter((device) => device !== remover)).slice(0, most);
      return leavers.length === 0 ? null : { kind, by: remover, leavers };
    }
    case 'external-rejoin':
      return run.log.groupInfo === null ? null : { kind, by: committer(inside) };
    case 'external-join': {
      // A device whose user has another one in the group: others are void (`external-stranger`).
      const users = new Set(run.log.devices.map(({ user }) => user));
      const candidates = outsiders(run).filter(({ keys }) => users.has(keys.user));
      return candidates.length === 0 || room < 1 || run.log.groupInfo === null
        ? null
        : { kind, by: run.random.pick(candidates) };
    }
  }
}

/** The same intent after another commit won, without what that one already did or made impossible. */
export function redrawn(run: Run, intent: Intent): Intent | null {
  const isIn = (device: ChurnDevice): boolean => isListed(run.log.devices, device);
  const isStillThere = intent.kind === 'external-join' ? !isIn(intent.by) : isIn(intent.by);
  if (!isStillThere) return null;
  switch (intent.kind) {
    case 'update':
    case 'external-rejoin':
      return intent;
    case 'external-join':
      return run.log.devices.some(({ user }) => user === intent.by.keys.user) ? intent : null;
    case 'add':
    case 'last-resort-join': {
      // The same claimed key packages again (design.md §5).
      const joiners = intent.joiners.filter(({ device }) => !isIn(device));
      return joiners.length === 0 || run.log.devices.length + joiners.length > run.maxMembers
        ? null
        : { ...intent, joiners };
    }
    case 'remove': {
      // The winner may have removed others: two must be left, or there is nobody to agree with.
      const most = Math.max(0, run.log.devices.length - minMembers);
      const leavers = intent.leavers.filter(isIn).slice(0, most);
      return leavers.length === 0 ? null : { ...intent, leavers };
    }
  }
}
