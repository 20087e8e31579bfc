/** Members of a conversation whose account key changed, as its row holds them for views. */
import type { UserId } from '@cipherchat/protocol';
import type { RosterMember } from '../state/rows.js';

export function keyChangedOf(members: readonly RosterMember[]): readonly UserId[] {
  const changed = members.filter(({ check }) => check === 'account-key-changed');
  return [...new Set(changed.map(({ user }) => user))];
}
