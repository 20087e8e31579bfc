/** Manifests, usernames and key packages, in memory. What it hands out can be falsified by a test. */
import { verifyManifest } from '@cipherchat/crypto';
import { problem, type DeviceId, type MemberDevice, type UserId } from '@cipherchat/protocol';
import { equalBytes } from '../keys/equal-bytes.js';
import { ModelBlocks } from './model-blocks.js';
import { ModelRecovery } from './model-recovery.js';

type Package = { readonly keyPackage: Uint8Array; readonly notAfterMs: number };
type Account = { readonly username: string; manifest: Uint8Array; readonly devices: Set<DeviceId> };

/** Clients upload what they have at each start; verifying it each time would be a sixth of a simulation. */
const verified = new WeakMap<Uint8Array, ReturnType<typeof verifyManifest>>();

function verify(manifest: Uint8Array): ReturnType<typeof verifyManifest> {
  const result = verified.get(manifest) ?? verifyManifest(manifest);
  verified.set(manifest, result);
  return result;
}

export class ModelDirectory {
  readonly accounts = new Map<UserId, Account>();
  private readonly revoked = new Set<DeviceId>();
  readonly blocks = new ModelBlocks((user) => this.accounts.has(user));
  readonly recovery = new ModelRecovery(this.accounts);
  private readonly singleUse = new Map<DeviceId, Package[]>();
  private readonly lastResort = new Map<DeviceId, Package>();

  register(params: {
    readonly user: UserId;
    readonly username: string;
    readonly manifest: Uint8Array;
    readonly device: DeviceId;
  }): void {
    const { user, username, manifest, device } = params;
    const holder = [...this.accounts].find(([, account]) => account.username === username)?.[0];
    if (holder !== undefined && holder !== user) throw problem('directory/username-taken');
    this.accounts.set(user, { username, manifest, devices: new Set([device]) });
  }

  publish(who: MemberDevice, { manifest }: { readonly manifest: Uint8Array }) {
    const account = this.accounts.get(who.user);
    if (account === undefined) throw problem('directory/manifest-invalid');
    const isKnown = equalBytes(account.manifest, manifest);
    const [known, candidate] = [verify(account.manifest), verify(isKnown ? account.manifest : manifest)];
    if (known.kind !== 'manifest' || candidate.kind !== 'manifest')
      throw problem('directory/manifest-invalid');
    const { version } = known.manifest;
    const isForked = candidate.manifest.version === version && !isKnown;
    if (candidate.manifest.version < version || isForked)
      throw problem('directory/manifest-stale', { version });
    account.manifest = manifest;
    return { version: candidate.manifest.version, isNew: !isKnown };
  }

  /** A device that is the account's from now on, as auth adds one. */
  addDevice(user: UserId, added: { readonly device: DeviceId; readonly manifest: Uint8Array }): void {
    const account = this.accounts.get(user);
    if (account === undefined) throw problem('directory/user-unknown');
    account.devices.add(added.device);
    account.manifest = added.manifest;
  }

  devicesOf(user: UserId) {
    return [...(this.accounts.get(user)?.devices ?? [])].map((device) => ({
      device,
      isRevoked: this.revoked.has(device),
    }));
  }

  revoke(user: UserId, device: DeviceId): void {
    if (this.accounts.get(user)?.devices.has(device) !== true) throw problem('request/not-found');
    this.revoked.add(device);
  }

  isRevoked(device: DeviceId): boolean {
    return this.revoked.has(device);
  }

  /** What then happens to one of them does not happen to the other. */
  copy(): ModelDirectory {
    const copied = new ModelDirectory();
    copied.become(this);
    for (const [device, packages] of this.singleUse) copied.singleUse.set(device, [...packages]);
    for (const [device, last] of this.lastResort) copied.lastResort.set(device, last);
    return copied;
  }

  /** As after a restore of that: key packages are void. */
  become(other: ModelDirectory): void {
    this.accounts.clear();
    for (const [user, account] of other.accounts)
      this.accounts.set(user, { ...account, devices: new Set(account.devices) });
    this.revoked.clear();
    for (const device of other.revoked) this.revoked.add(device);
    this.blocks.become(other.blocks);
    this.recovery.become(other.recovery);
    this.singleUse.clear();
    this.lastResort.clear();
  }

  userOf(device: DeviceId): UserId {
    const found = [...this.accounts].find(([, { devices }]) => devices.has(device))?.[0];
    if (found === undefined) throw problem('auth/signature-invalid');
    return found;
  }

  findManifests({
    users,
  }: {
    readonly users: readonly { readonly user: UserId; readonly haveVersion: number }[];
  }) {
    const known = users.filter(({ user }) => this.accounts.has(user));
    return {
      manifests: known.map(({ user }) => ({
        user,
        manifest: this.accounts.get(user)?.manifest ?? new Uint8Array(0),
      })),
      unknown: users.map(({ user }) => user).filter((user) => !this.accounts.has(user)),
    };
  }

  findByUsername(username: string) {
    const found = [...this.accounts].find(([, account]) => account.username === username);
    if (found === undefined) throw problem('directory/user-unknown');
    return { user: found[0], username };
  }

  findUsernames({ users }: { readonly users: readonly UserId[] }) {
    return {
      people: users.flatMap((user) =>
        this.accounts.has(user) ? [{ user, username: this.accounts.get(user)?.username ?? '' }] : [],
      ),
    };
  }

  upload(who: MemberDevice, body: { readonly singleUse: readonly Package[]; readonly lastResort?: Package }) {
    const packages = [...(this.singleUse.get(who.device) ?? []), ...body.singleUse];
    this.singleUse.set(who.device, packages);
    if (body.lastResort !== undefined) this.lastResort.set(who.device, body.lastResort);
    return { singleUseCount: packages.length };
  }

  count(who: MemberDevice) {
    return {
      singleUseCount: this.singleUse.get(who.device)?.length ?? 0,
      lastResortNotAfterMs: this.lastResort.get(who.device)?.notAfterMs ?? null,
    };
  }

  /** All of a device's are claimed; what this returns gives them back. */
  useUpKeyPackages(device: DeviceId): () => void {
    const [singleUse, lastResort] = [this.singleUse.get(device) ?? [], this.lastResort.get(device)];
    this.singleUse.delete(device);
    this.lastResort.delete(device);
    return () => {
      this.singleUse.set(device, [...singleUse, ...(this.singleUse.get(device) ?? [])]);
      if (lastResort !== undefined && !this.lastResort.has(device)) this.lastResort.set(device, lastResort);
    };
  }

  claim(
    { user, devices }: { readonly user: UserId; readonly devices?: readonly DeviceId[] },
    by: MemberDevice | null = null,
  ) {
    if (by !== null && this.blocks.hasBlocked(user, by)) throw problem('directory/claim-refused');
    const wanted = devices ?? [...(this.accounts.get(user)?.devices ?? [])];
    const claimed = wanted.flatMap((device) => {
      const single = this.singleUse.get(device)?.shift();
      const found = single ?? this.lastResort.get(device);
      return found === undefined
        ? []
        : [{ device, keyPackage: found.keyPackage, lastResort: single === undefined }];
    });
    return { claimed, exhausted: wanted.filter((device) => !claimed.some((item) => item.device === device)) };
  }
}
