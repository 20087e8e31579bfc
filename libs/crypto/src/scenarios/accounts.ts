/** Accounts with manifests, for stories about who may be a member: genuine devices and several impostors. */
import { accountKeyFromSecret, signManifest, type AccountKey } from '../account-key.js';
import { checkCredentials, type CredentialVerdict } from '../credential-check.js';
import type { DeviceKeys, GroupMember, MlsEngine } from '../engine.js';
import { dayS, id, nowS } from '../openmls-engine-fixture.js';
import type { VerifiedManifest } from '../verify/manifest.js';

type Listed = { readonly device: string; readonly leafKey: Uint8Array; readonly expiresAtS: number };

/** What one client has seen: manifests by user, and the account keys that it pinned. */
export class SeenAccounts {
  readonly #manifests = new Map<string, VerifiedManifest>();
  readonly #pins = new Map<string, Uint8Array>();
  readonly #listed = new Map<string, readonly Listed[]>();

  /** Ana's manifest (by number) names this device from now on; the account key is pinned at first sight. */
  list(
    keys: DeviceKeys,
    options: { readonly expiresAtS?: number; readonly accountSecret?: number } = {},
  ): void {
    const listed = [
      ...(this.#listed.get(keys.user) ?? []),
      { device: keys.device, leafKey: keys.leafKey, expiresAtS: options.expiresAtS ?? nowS + 365 * dayS },
    ];
    this.#sign(keys.user, listed, options.accountSecret);
  }

  /** A newer manifest without the device: revoked. */
  unlist(keys: DeviceKeys): void {
    this.#sign(
      keys.user,
      (this.#listed.get(keys.user) ?? []).filter(({ device }) => device !== keys.device),
    );
  }

  verdicts(members: readonly GroupMember[], atS = nowS): readonly CredentialVerdict[] {
    return checkCredentials({ members, manifests: this.#manifests, pins: this.#pins, nowS: atS }).checked.map(
      ({ verdict }) => verdict,
    );
  }

  verdictOf(members: readonly GroupMember[], keys: DeviceKeys, atS = nowS): CredentialVerdict | 'absent' {
    const at = members.findIndex(({ device, user }) => device === keys.device && user === keys.user);
    return this.verdicts(members, atS)[at] ?? 'absent';
  }

  #sign(user: string, listed: readonly Listed[], accountSecret = 1): void {
    const accountKey = accountKeyOf(user, accountSecret);
    const version = (this.#manifests.get(user)?.version ?? 0) + 1;
    const devices = listed.map((entry) => ({
      ...entry,
      nameCiphertext: new Uint8Array(),
      addedAtS: nowS - dayS,
    }));
    this.#listed.set(user, listed);
    this.#manifests.set(
      user,
      signManifest({ accountKey, manifest: { user, accountKey: accountKey.publicKey, version, devices } }),
    );
    if (!this.#pins.has(user)) this.#pins.set(user, accountKeyOf(user, 1).publicKey);
  }
}

function accountKeyOf(user: string, secret: number): AccountKey {
  const bytes = new TextEncoder().encode(user).slice(-32);
  return accountKeyFromSecret(bytes.map((byte) => byte ^ secret));
}

/** A device that is not what it says, and what the credential check must answer. */
export type Impostor = {
  readonly name: string;
  readonly keys: DeviceKeys;
  readonly verdict: CredentialVerdict;
};

/** All impostors for one victim, whose genuine device must be listed already. `seen` learns what each needs. */
export function impostorsOf(params: {
  readonly engine: MlsEngine;
  readonly victim: DeviceKeys;
  readonly seen: SeenAccounts;
}): readonly Impostor[] {
  const { engine, victim, seen } = params;
  const stranger = engine.generateDeviceKeys({ user: victim.user, device: id(0x9001) });
  const forged = engine.generateDeviceKeys({ user: victim.user, device: id(0x9002) });
  seen.list({ ...forged, leafKey: engine.generateDeviceKeys(forged).leafKey });
  const expired = engine.generateDeviceKeys({ user: victim.user, device: id(0x9003) });
  seen.list(expired, { expiresAtS: nowS - 1 });
  const unknown = engine.generateDeviceKeys({ user: id(0x99), device: id(0x9004) });
  const takenOver = engine.generateDeviceKeys({ user: id(0x98), device: id(0x9005) });
  seen.list(takenOver, { accountSecret: 7 });
  return [
    { name: 'forged: a listed device with another key', keys: forged, verdict: 'leaf-key-differs' },
    {
      name: 'foreign: a device that its account does not list',
      keys: stranger,
      verdict: 'device-not-listed',
    },
    { name: 'expired: a device past its expiry', keys: expired, verdict: 'device-expired' },
    {
      name: 'foreign: a device of an account that was never seen',
      keys: unknown,
      verdict: 'manifest-missing',
    },
    {
      name: 'forged: a device of an account whose key was exchanged',
      keys: takenOver,
      verdict: 'account-key-changed',
    },
  ];
}
