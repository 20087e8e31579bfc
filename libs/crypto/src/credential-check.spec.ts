import { describe, expect, it } from '@jest/globals';
import { accountKeyFromSecret, signManifest } from './account-key.js';
import { checkCredentials, receiveManifest } from './credential-check.js';
import type { GroupMember } from './engine.js';
import type { Manifest } from './verify/manifest.js';

const key = (fill: number) => accountKeyFromSecret(new Uint8Array(32).fill(fill));
const ana = '11111111-1111-4111-8111-111111111111';
const ben = '22222222-2222-4222-8222-222222222222';
const laptop = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const phone = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const expiresAtS = 2_000_000_000;
const nowS = 1_900_000_000;

const signed = (changes: Partial<Manifest> = {}, accountKey = key(1)) =>
  signManifest({
    accountKey,
    manifest: {
      user: ana,
      accountKey: accountKey.publicKey,
      version: 1,
      devices: [
        {
          device: laptop,
          leafKey: key(2).publicKey,
          nameCiphertext: new Uint8Array(0),
          addedAtS: 1,
          expiresAtS,
        },
      ],
      ...changes,
    },
  });
const member = (changes: Partial<GroupMember> = {}): GroupMember => ({
  user: ana,
  device: laptop,
  leafIndex: 0,
  leafKey: key(2).publicKey,
  ...changes,
});
const manifest = signed();
const known = { manifests: new Map([[ana, manifest]]), pins: new Map([[ana, manifest.accountKey]]), nowS };
const verdictOf = (changed: Partial<GroupMember>, context: Partial<typeof known> = {}) =>
  checkCredentials({ members: [member(changed)], ...known, ...context }).checked[0]?.verdict;

describe('the credential check', () => {
  it('finds a leaf genuine that the pinned account names with this key', () => {
    const result = checkCredentials({ members: [member()], ...known });
    expect(result).toEqual({
      checked: [{ member: member(), verdict: 'genuine' }],
      allGenuine: true,
      pins: known.pins,
    });
  });

  it('refuses a device that the manifest does not name', () => {
    expect(verdictOf({ device: phone })).toBe('device-not-listed');
  });

  it('refuses a named device with another key', () => {
    expect(verdictOf({ leafKey: key(3).publicKey })).toBe('leaf-key-differs');
  });

  it('refuses a device of one account that claims to be of another', () => {
    expect(verdictOf({ user: ben })).toBe('manifest-missing');
    expect(verdictOf({ user: ben }, { manifests: new Map([[ben, manifest]]) })).toBe('manifest-missing');
  });

  it('refuses an expired device from the second of its expiry on', () => {
    expect(verdictOf({}, { nowS: expiresAtS - 1 })).toBe('genuine');
    expect(verdictOf({}, { nowS: expiresAtS })).toBe('device-expired');
  });

  it('refuses the manifest of another account key than the pinned one', () => {
    expect(verdictOf({}, { manifests: new Map([[ana, signed({}, key(8))]]) })).toBe('account-key-changed');
  });

  it('refuses the second leaf of a device', () => {
    const result = checkCredentials({ members: [member(), member({ leafIndex: 1 })], ...known });
    expect(result.checked.map(({ verdict }) => verdict)).toEqual(['genuine', 'device-repeated']);
    expect(result.allGenuine).toBe(false);
  });

  it('pins an account key at first sight, and leaves the given pins unchanged', () => {
    const pins = new Map<string, Uint8Array>();
    const result = checkCredentials({ members: [member()], ...known, pins });
    expect(result.pins.get(ana)).toEqual(manifest.accountKey);
    expect(pins.size).toBe(0);
  });
});

describe('receiving a manifest', () => {
  const receive = (
    candidate: typeof manifest,
    changes: { known?: typeof manifest; pin?: Uint8Array; user?: string } = {},
  ) => receiveManifest({ user: ana, known: manifest, pin: manifest.accountKey, candidate, ...changes });

  it('stores the first of a user and pins its key', () => {
    expect(receiveManifest({ user: ana, known: undefined, pin: undefined, candidate: manifest })).toEqual({
      kind: 'store',
      manifest,
      pin: manifest.accountKey,
    });
  });

  it('stores a newer one and keeps the known one otherwise', () => {
    const newer = signed({ version: 2 });
    expect(receive(newer)).toEqual({ kind: 'store', manifest: newer, pin: newer.accountKey });
    expect(receive(manifest)).toEqual({ kind: 'keep' });
    expect(receive(manifest, { known: newer })).toEqual({ kind: 'keep' });
  });

  it('raises an alarm for another account key, for two truths of one version, and for another user', () => {
    const stranger = signed({ version: 2 }, key(8));
    expect(receive(stranger)).toEqual({ kind: 'alarm', reason: 'account-key-changed' });
    expect(
      receiveManifest({ user: ana, known: undefined, pin: manifest.accountKey, candidate: stranger }),
    ).toEqual({ kind: 'alarm', reason: 'account-key-changed' });
    expect(receive(signed({ devices: [] }))).toEqual({ kind: 'alarm', reason: 'forked' });
    expect(receive(manifest, { user: ben })).toEqual({ kind: 'alarm', reason: 'other-user' });
  });
});
