/** Accounts, devices and sessions of the model's services. Signatures are not looked at: that is auth's own test. */
import { verifyManifest } from '@cipherchat/crypto';
import {
  authRoutes,
  limits,
  problem,
  type DeviceId,
  type MemberDevice,
  type Route,
  type UserId,
} from '@cipherchat/protocol';
import { base, knownDevice } from './model-http.js';
import type { ModelDirectory } from './model-directory.js';

type Asked = {
  readonly who: MemberDevice | null;
  readonly path: Readonly<Record<string, string>>;
  readonly json: unknown;
};
type Newcomer = {
  readonly user: UserId;
  readonly manifest: Uint8Array;
  readonly proof: { readonly device: DeviceId };
};

type Ports = {
  readonly directory: ModelDirectory;
  readonly sessions: Map<string, MemberDevice>;
  readonly tokens: { issued: number };
  readonly nowMs: () => number;
  readonly depart: (device: DeviceId) => void;
  readonly manifestPublished: (user: UserId, version: number) => void;
};

const discovered = {
  authUrl: base,
  keysUrl: base,
  conversationsUrl: base,
  gatewayUrls: ['ws://model.test/v1/socket'],
  registration: 'open',
  subprotocols: ['cipherchat.v1'],
};

export class ModelAccounts {
  constructor(private readonly ports: Ports) {}

  readonly handlers = new Map<Route, (asked: Asked) => unknown>([
    [authRoutes.discovery, () => discovered],
    [
      authRoutes.createChallenge,
      () => ({ challenge: new Uint8Array(32).fill(1), expiresAtMs: this.ports.nowMs() + 60_000 }),
    ],
    [authRoutes.register, ({ json }) => this.register(json as Newcomer & { readonly username: string })],
    [authRoutes.addDevice, ({ json }) => this.addDevice(json as Newcomer)],
    [authRoutes.signIn, ({ json }) => this.signIn((json as { readonly device: DeviceId }).device)],
    // Not modelled: clients sign in instead.
    [
      authRoutes.refresh,
      () => {
        throw problem('auth/refresh-invalid');
      },
    ],
    [authRoutes.signOut, ({ who }) => this.endSessions(knownDevice(who).device)],
    [authRoutes.deleteAccount, ({ who }) => this.deleteAccount(knownDevice(who))],
    [authRoutes.listDevices, ({ who }) => this.listDevices(knownDevice(who))],
    [authRoutes.revokeDevice, ({ who, path }) => this.revoke(knownDevice(who), path['device'] as DeviceId)],
  ]);

  private register({ user, username, manifest, proof }: Newcomer & { readonly username: string }) {
    this.ports.directory.register({ user, username, manifest, device: proof.device });
    return this.session({ user, device: proof.device });
  }

  /** As auth does it: published first, so that the same request mends what a crash left. */
  private addDevice({ user, manifest, proof }: Newcomer) {
    const { directory } = this.ports;
    const { device } = proof;
    const known = directory.devicesOf(user);
    if (known.length === 0) throw problem('directory/user-unknown');
    if (directory.isRevoked(device)) throw problem('auth/user-exists');
    const verdict = verifyManifest(manifest);
    const isNamed =
      verdict.kind === 'manifest' && verdict.manifest.devices.some((entry) => entry.device === device);
    if (!isNamed) throw problem('directory/manifest-invalid');
    const isKnown = known.some((each) => each.device === device);
    if (!isKnown && known.filter(({ isRevoked }) => !isRevoked).length >= limits.maxDevicesPerUser)
      throw problem('auth/too-many-devices', { maxDevices: limits.maxDevicesPerUser });
    const { version, isNew } = directory.publish({ user, device }, { manifest });
    directory.addDevice(user, { device, manifest });
    if (isNew) this.ports.manifestPublished(user, version);
    return this.session({ user, device });
  }

  private listDevices(who: MemberDevice) {
    return {
      devices: this.ports.directory.devicesOf(who.user).map(({ device, isRevoked }) => ({
        device,
        createdAtMs: 0,
        lastSeenDay: null,
        revokedAtMs: isRevoked ? 1 : null,
        current: device === who.device,
      })),
    };
  }

  private revoke(who: MemberDevice, device: DeviceId) {
    this.ports.directory.revoke(who.user, device);
    this.endSessions(device);
    this.ports.depart(device);
    return {};
  }

  private deleteAccount(who: MemberDevice) {
    for (const { device } of this.ports.directory.devicesOf(who.user)) this.revoke(who, device);
  }

  private endSessions(device: DeviceId): void {
    for (const [token, holder] of this.ports.sessions)
      if (holder.device === device) this.ports.sessions.delete(token);
  }

  private signIn(device: DeviceId) {
    const user = this.ports.directory.userOf(device);
    if (this.ports.directory.isRevoked(device)) throw problem('auth/device-revoked');
    return this.session({ user, device });
  }

  private session(who: MemberDevice) {
    const { tokens, sessions, nowMs } = this.ports;
    const number = ++tokens.issued;
    const accessToken = `access-${number}`;
    sessions.set(accessToken, who);
    return {
      ...who,
      session: who.device,
      accessToken,
      accessTokenExpiresAtMs: nowMs() + 600_000,
      refreshToken: `refresh-token-number-${number}`,
      role: 'member',
    };
  }
}
