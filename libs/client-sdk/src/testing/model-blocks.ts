/** Who wants no new conversations from whom, in memory. */
import { peopleRoutes, problem, type MemberDevice, type Route, type UserId } from '@cipherchat/protocol';
import { knownDevice } from './model-http.js';

type Asked = { readonly who: MemberDevice | null; readonly path: Readonly<Record<string, string>> };

export class ModelBlocks {
  private readonly blocked = new Map<UserId, Set<UserId>>();

  constructor(private readonly isKnown: (user: UserId) => boolean) {}

  hasBlocked(user: UserId, by: MemberDevice): boolean {
    return this.blocked.get(user)?.has(by.user) === true;
  }

  become(other: ModelBlocks): void {
    this.blocked.clear();
    for (const [user, blocked] of other.blocked) this.blocked.set(user, new Set(blocked));
  }

  readonly handlers = new Map<Route, (asked: Asked) => unknown>([
    [peopleRoutes.listBlocks, ({ who }) => ({ users: [...this.of(who)] })],
    [
      peopleRoutes.block,
      ({ who, path }) => {
        const user = path['user'] as UserId;
        if (!this.isKnown(user)) throw problem('directory/user-unknown');
        this.of(who).add(user);
      },
    ],
    [peopleRoutes.unblock, ({ who, path }) => void this.of(who).delete(path['user'] as UserId)],
  ]);

  private of(who: MemberDevice | null): Set<UserId> {
    const { user } = knownDevice(who);
    const blocked = this.blocked.get(user) ?? new Set();
    this.blocked.set(user, blocked);
    return blocked;
  }
}
