/**
 * Forged, expired and foreign credentials on every path by which a leaf can come in: key package, add,
 * welcome, external join, update. The engine only proves that leaf keys signed; whose they are is said by
 * manifests (`checkCredentials`), and what no member may merge by `judgeCommit`. Real: engine, checks, signatures.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { judgeCommit } from '../commit-check.js';
import type { DeviceKeys, GroupMember, MlsEngine } from '../engine.js';
import { dayS, group, id, loadEngine, nowS, ok, suites } from '../openmls-engine-fixture.js';
import { SeenAccounts, impostorsOf, type Impostor } from './accounts.js';
import { Device } from './device.js';

const names = [
  'forged: a listed device with another key',
  'foreign: a device that its account does not list',
  'expired: a device past its expiry',
  'foreign: a device of an account that was never seen',
  'forged: a device of an account whose key was exchanged',
];

describe.each(suites.map((suite) => [`0x${suite.toString(16).padStart(4, '0')}`, suite] as const))(
  'on suite %s',
  (_name, suite) => {
    let engine: MlsEngine;
    beforeAll(async () => {
      engine = await loadEngine();
    });

    /** Ana and Ben in a group, both genuine, and Ben's client, which does the checking. */
    const start = () => {
      const seen = new SeenAccounts();
      const [ana, ben] = [1, 2].map(
        (number) =>
          new Device(
            engine,
            suite,
            engine.generateDeviceKeys({ user: id(number), device: id(0x1000 + number) }),
          ),
      ) as [Device, Device];
      for (const { keys } of [ana, ben]) seen.list(keys);
      ana.create(group);
      ben.join(ana.commitAndMerge({ add: [ben.keyPackage()] }).welcome);
      const impostors = impostorsOf({ engine, victim: ana.keys, seen });
      const impostor = (name: string): Impostor => impostors.find((each) => each.name === name) ?? fail(name);
      return { seen, ana, ben, impostor };
    };
    const fail = (name: string): never => {
      throw new Error(`no impostor ${name}`);
    };
    const device = (keys: DeviceKeys) => new Device(engine, suite, keys);
    const judge = (
      reader: Device,
      commit: Uint8Array,
      kind: 'commit' | 'external-commit',
      devices: readonly GroupMember[],
      atS = nowS,
    ) =>
      judgeCommit({
        membersBefore: engine.members(reader.state),
        epochBefore: engine.epoch(reader.state),
        commitBytes: commit.length,
        clear: { kind, devices },
        inspected: engine.inspectCommit({ state: reader.state, commit, atS }),
      });

    describe.each(names)('%s', (name) => {
      it('is refused as a key package, before anything is committed', () => {
        const { seen, impostor } = start();
        const { keys, verdict } = impostor(name);
        const { info } = ok(engine.inspectKeyPackage({ publicBytes: device(keys).keyPackage(), nowS }));
        expect(seen.verdicts([info])).toEqual([verdict]);
      });

      it('is seen in an add by another member, and reads nothing once it is removed again', () => {
        const { seen, ana, ben, impostor } = start();
        const { keys, verdict } = impostor(name);
        const intruder = device(keys);
        const { commit, welcome, summary } = ana.commitAndMerge({ add: [intruder.keyPackage()] });
        // Views of manifests differ, so the merge does not hang on them ...
        expect(judge(ben, commit, 'commit', summary.membersAfter).kind).toBe('merge');
        const after = ben.receive(commit).membersAfter;
        // ... but the verdict does, and with it the Remove that follows before anything is said.
        expect(seen.verdictOf(after, keys)).toBe(verdict);
        expect(
          after.filter((member) => seen.verdictOf(after, { ...keys, ...member }) !== 'genuine'),
        ).toHaveLength(1);
        intruder.join(welcome);
        const removal = ben.commitAndMerge({ remove: [keys] });
        ana.receive(removal.commit);
        expect(intruder.decrypt(ben.encrypt('for members'))).toMatchObject({
          kind: 'failure',
          code: 'wrong-epoch',
        });
        expect(ana.read(ben.encrypt('for members'))).toBe('for members');
      });

      it('is seen in a welcome, before joining: as a member and as the inviter', () => {
        const { seen, ana, ben, impostor } = start();
        const { keys, verdict } = impostor(name);
        const intruder = device(keys);
        const added = ana.commitAndMerge({ add: [intruder.keyPackage()] });
        ben.receive(added.commit);
        intruder.join(added.welcome);
        const carol = device(engine.generateDeviceKeys({ user: id(3), device: id(0x1003) }));
        seen.list(carol.keys);
        const { welcome } = intruder.commitAndMerge({ add: [carol.keyPackage()] });
        const staged = carol.inspect(welcome);
        expect(seen.verdictOf(staged.members, keys)).toBe(verdict);
        expect(staged.inviter).toMatchObject({ user: keys.user, device: keys.device });
        expect(seen.verdictOf([staged.inviter], keys)).toBe(verdict);
      });

      it('is void or seen in an external join', () => {
        const { seen, ana, ben, impostor } = start();
        const { keys, verdict } = impostor(name);
        const { groupInfo, commit } = ana.commitAndMerge();
        ben.receive(commit);
        const intruder = device(keys);
        const external = intruder.joinExternally(groupInfo);
        const judged = judge(ben, external.commit, 'external-commit', external.summary.membersAfter);
        if (keys.user === ana.keys.user) {
          expect(judged.kind).toBe('merge');
          expect(seen.verdictOf(ben.receive(external.commit).membersAfter, keys)).toBe(verdict);
        } else {
          // No device of that account is in the group, so nobody merges it.
          expect(judged).toEqual({ kind: 'void', reason: 'external-stranger' });
        }
      });
    });

    it('finds every member genuine on every path when nobody lies', () => {
      const { seen, ana, ben } = start();
      const phone = device(engine.generateDeviceKeys({ user: id(1), device: id(0x1011) }));
      seen.list(phone.keys);
      expect(
        seen.verdicts([ok(engine.inspectKeyPackage({ publicBytes: phone.keyPackage(), nowS })).info]),
      ).toEqual(['genuine']);
      const { commit, welcome } = ana.commitAndMerge({ add: [phone.keyPackage()] });
      expect(new Set(seen.verdicts(ben.receive(commit).membersAfter))).toEqual(new Set(['genuine']));
      expect(new Set(seen.verdicts(phone.inspect(welcome).members))).toEqual(new Set(['genuine']));
      phone.join(welcome);
      const update = ben.commitAndMerge();
      for (const reader of [ana, phone])
        expect(new Set(seen.verdicts(reader.receive(update.commit).membersAfter))).toEqual(
          new Set(['genuine']),
        );
      const tablet = device(engine.generateDeviceKeys({ user: id(2), device: id(0x1012) }));
      seen.list(tablet.keys);
      const external = tablet.joinExternally(update.groupInfo);
      expect(judge(ana, external.commit, 'external-commit', external.summary.membersAfter).kind).toBe(
        'merge',
      );
      expect(new Set(seen.verdicts(ana.receive(external.commit).membersAfter))).toEqual(new Set(['genuine']));
    });

    it('voids a second leaf of a member device under another key, on an external join', () => {
      const { ana, ben } = start();
      const { groupInfo, commit } = ana.commitAndMerge();
      ben.receive(commit);
      const twin = device(engine.generateDeviceKeys(ana.keys));
      const external = twin.joinExternally(groupInfo);
      expect(judge(ben, external.commit, 'external-commit', external.summary.membersAfter)).toEqual({
        kind: 'void',
        reason: 'device-repeated',
      });
    });

    it('takes no key package, external commit or message under a key whose secret the sender lacks', () => {
      const { ana, ben } = start();
      const stolenName = { ...ana.keys, leafSecret: engine.generateDeviceKeys(ana.keys).leafSecret };
      expect(engine.inspectKeyPackage({ publicBytes: device(stolenName).keyPackage(), nowS })).toMatchObject({
        code: 'invalid-key-package',
      });
      const { groupInfo, commit } = ana.commitAndMerge();
      ben.receive(commit);
      const joined = engine.externalCommit({ keys: stolenName, groupInfo, nowS });
      const inspected =
        joined.kind === 'failure'
          ? joined
          : engine.inspectCommit({ state: ben.state, commit: joined.commit, atS: nowS });
      expect(inspected.kind).toBe('failure');
      const sent = ok(engine.encrypt({ state: ana.state, keys: stolenName, plaintext: new Uint8Array(8) }));
      expect(ben.decrypt(sent.ciphertext)).toMatchObject({ kind: 'failure', code: 'not-authentic' });
      const forgedCommit = engine.commit({ state: ana.state, keys: stolenName, add: [], remove: [], nowS });
      const received =
        forgedCommit.kind === 'failure'
          ? forgedCommit
          : engine.inspectCommit({ state: ben.state, commit: forgedCommit.commit, atS: nowS });
      expect(received.kind).toBe('failure');
    });

    it('cannot be made to read a message as another member: the signature is checked against the leaf', () => {
      const { ana, ben } = start();
      const sent = ok(engine.encrypt({ state: ana.state, keys: ben.keys, plaintext: new Uint8Array(8) }));
      expect(ben.decrypt(sent.ciphertext)).toMatchObject({ kind: 'failure', code: 'not-authentic' });
    });

    it('refuses an expired key package in its own commit and, by the time of the log, in that of others', () => {
      const { ana, ben } = start();
      const late = nowS + 31 * dayS;
      const add = [device(engine.generateDeviceKeys({ user: id(3), device: id(0x1003) })).keyPackage()];
      expect(engine.inspectKeyPackage({ publicBytes: add[0]!, nowS: late })).toMatchObject({
        code: 'invalid-key-package',
      });
      expect(engine.commit({ state: ana.state, keys: ana.keys, add, remove: [], nowS: late })).toMatchObject({
        code: 'invalid-key-package',
      });
      const { commit, summary } = ana.commit({ add });
      expect(judge(ben, commit, 'commit', summary.membersAfter, late)).toEqual({
        kind: 'void',
        reason: 'mls-invalid',
      });
      // Its author, who made it in time, must see it as the others do.
      expect(engine.mergePending({ state: ana.state, atS: late })).toMatchObject({
        kind: 'failure',
        code: 'invalid-commit',
      });
    });

    it('notices a revoked device that is still a member, and an expiry that comes while it is one', () => {
      const { seen, ana, ben } = start();
      const members = engine.members(ben.state);
      expect(seen.verdictOf(members, ana.keys)).toBe('genuine');
      expect(seen.verdictOf(members, ana.keys, nowS + 366 * dayS)).toBe('device-expired');
      seen.unlist(ana.keys);
      expect(seen.verdictOf(members, ana.keys)).toBe('device-not-listed');
    });
  },
);
