/**
 * A directory that lies: beside what is true it hands out devices of the server's own in the name of people. Nothing may
 * ever be encrypted for one of them.
 */
import { generateAccountKey, signManifest, verifyManifest, type MlsEngine } from '@cipherchat/crypto';
import { createFakeEngine, tables } from '@cipherchat/client-sdk/testing';
import { idFromRandom, type DeviceId, type UserId } from '@cipherchat/protocol';
import type { Run } from './run.js';

const suite = 0x0001;
const dayS = 24 * 60 * 60;
/** Of a manifest's bytes; see `crypto/src/verify/manifest.ts`. */
const accountKeyOffset = 46;
const maxLieMs = 4_000;

export class LyingDirectory {
  private readonly engine: MlsEngine;
  /** One that no manifest names. */
  private readonly device: DeviceId;
  private lies = 0;

  constructor(private readonly run: Run) {
    const { params, origin, chance, mix } = run;
    const { directory } = origin.services;
    this.engine = params.engine ?? createFakeEngine({ universe: origin.universe, random: chance.bytes });
    this.device = idFromRandom<DeviceId>(chance.bytes);
    const claim = directory.claim.bind(directory);
    directory.claim = (query) => {
      const answer = claim(query);
      if (this.lies === 0) return answer;
      const named = [this.device, ...answer.claimed.map(({ device }) => device)];
      return {
        ...answer,
        claimed: [...named.map((device) => this.forge(query.user, device)), ...answer.claimed],
      };
    };
    // Who knows nobody yet takes people for strangers who have no manifest that verifies, and removes them.
    if (mix.newcomer) return;
    const findManifests = directory.findManifests.bind(directory);
    directory.findManifests = (query) => {
      const { manifests, unknown } = findManifests(query);
      if (this.lies === 0) return { manifests, unknown };
      return { manifests: manifests.map((found) => this.perhapsWithStranger(found)), unknown };
    };
  }

  /** From now on, for a while. */
  lie(): void {
    const { trace, clock, chance } = this.run;
    trace.note('the directory lies');
    this.lies++;
    clock.setTimer(() => this.lies--, chance.below(maxLieMs));
  }

  /** Leaves of the server's making that somebody has in a group, and conversations whose log lists its device. */
  believed(): readonly string[] {
    const { people, system, origin } = this.run;
    const { strangers } = origin.universe;
    const believers = people.filter(({ disk }) =>
      [...(disk.tables.get(tables.rosters.name)?.values() ?? [])].some((bytes) =>
        tables.rosters.decode(bytes).members.some(({ leafKey }) => strangers.has(leafKey.join())),
      ),
    );
    const listing = [...system.database.logs.values()].filter(({ members }) =>
      members.some(({ device }) => device === this.device),
    );
    return [
      ...believers.map(({ username }) => `${username} has a leaf of the server's making in a group`),
      ...listing.map(({ id }) => `a device of the server's own is a member of ${id}`),
    ];
  }

  private forge(user: UserId, device: DeviceId) {
    const nowS = Math.floor(this.run.system.nowMs() / 1000);
    const keys = this.engine.generateDeviceKeys({ user, device });
    this.run.origin.universe.strangers.add(keys.leafKey.join());
    const lifetime = { notBeforeS: nowS - dayS, notAfterS: nowS + dayS };
    const { publicBytes } = this.engine.generateKeyPackage({ keys, suite, lastResort: false, ...lifetime });
    return { device, keyPackage: publicBytes, lastResort: false };
  }

  /** The person's account key stands in it, and did not sign it. */
  private perhapsWithStranger(found: { readonly user: UserId; readonly manifest: Uint8Array }) {
    const { chance } = this.run;
    const verdict = verifyManifest(found.manifest);
    if (verdict.kind === 'invalid' || chance.happens(0.5)) return found;
    const { manifest } = verdict;
    const accountKey = generateAccountKey(chance.bytes);
    const { leafKey } = this.engine.generateDeviceKeys({ user: found.user, device: this.device });
    const [first] = manifest.devices;
    if (first === undefined) return found;
    const { bytes } = signManifest({
      accountKey,
      manifest: {
        ...manifest,
        accountKey: accountKey.publicKey,
        version: manifest.version + 1,
        devices: [...manifest.devices, { ...first, device: this.device, leafKey }],
      },
    });
    const altered = bytes.slice();
    altered.set(manifest.accountKey, accountKeyOffset);
    return { user: found.user, manifest: altered };
  }
}
