/** What somebody who was removed, or whose state was stolen, can still do: nothing with what comes after. Real: engine and judgement. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { judgeCommit } from '../commit-check.js';
import type { GroupState, MlsEngine } from '../engine.js';
import { group, id, loadEngine, nowS, ok, suites, utf8 } from '../openmls-engine-fixture.js';
import { SeenAccounts } from './accounts.js';
import { Device } from './device.js';

describe.each(suites.map((suite) => [`0x${suite.toString(16).padStart(4, '0')}`, suite] as const))(
  'on suite %s',
  (_name, suite) => {
    let engine: MlsEngine;
    beforeAll(async () => {
      engine = await loadEngine();
    });

    const newDevice = (user: number, number: number): Device =>
      new Device(engine, suite, engine.generateDeviceKeys({ user: id(user), device: id(0x1000 + number) }));
    /** Ana, Ben and Carl, who has two devices and is to lose one. */
    const start = () => {
      const [ana, ben, carl, carlsPhone] = [
        newDevice(1, 1),
        newDevice(2, 2),
        newDevice(3, 3),
        newDevice(3, 4),
      ] as const;
      ana.create(group);
      const { welcome } = ana.commitAndMerge({
        add: [ben, carl, carlsPhone].map((device) => device.keyPackage()),
      });
      for (const device of [ben, carl, carlsPhone]) device.join(welcome);
      return { ana, ben, carl, carlsPhone };
    };
    const code = (result: { readonly kind: string; readonly code?: string }): string =>
      result.kind === 'failure' ? (result.code ?? '') : result.kind;

    it('a removed member cannot read, with any state that it ever had', () => {
      const { ana, ben, carl } = start();
      const had: GroupState[] = [carl.state];
      for (let round = 0; round < 3; round++) {
        const { commit } = ana.commitAndMerge();
        for (const device of [ben, carl]) device.receive(commit);
        had.push(carl.state);
        carl.read(ana.encrypt(`while a member ${round}`));
        had.push(carl.state);
      }
      const { commit: removal } = ben.commitAndMerge({ remove: [carl.keys] });
      ana.receive(removal);
      carl.receive(removal);
      had.push(carl.state);
      const after = [ana.encrypt('after the removal'), ben.encrypt('also after')];
      const { commit: update } = ana.commitAndMerge();
      ben.receive(update);
      after.push(ana.encrypt('an epoch later'));
      for (const state of had) {
        for (const ciphertext of after) expect(engine.decrypt({ state, ciphertext }).kind).toBe('failure');
        expect(engine.inspectCommit({ state, commit: update, atS: nowS }).kind).toBe('failure');
      }
      expect(ben.read(after[0]!)).toBe('after the removal');
    });

    it('a removed member cannot derive the secrets of later epochs', () => {
      const { ana, ben, carl } = start();
      const { commit } = ana.commitAndMerge({ remove: [carl.keys] });
      ben.receive(commit);
      const secret = (state: GroupState) =>
        engine.exportSecret({ state, label: 'signal', context: utf8('c'), length: 32 });
      expect(secret(ben.state)).toEqual(secret(ana.state));
      expect(secret(carl.state)).not.toEqual(secret(ana.state));
      carl.receive(commit);
      expect(() => secret(carl.state)).toThrow('not-a-member');
    });

    it('a removed member cannot send, and what it sends from its old epoch is known to be its own', () => {
      const { ana, ben, carl } = start();
      const old = carl.state;
      const { commit } = ana.commitAndMerge({ remove: [carl.keys] });
      for (const device of [ben, carl]) device.receive(commit);
      expect(code(engine.encrypt({ state: carl.state, keys: carl.keys, plaintext: utf8('x') }))).toBe(
        'not-a-member',
      );
      expect(code(engine.commit({ state: carl.state, keys: carl.keys, add: [], remove: [], nowS }))).toBe(
        'not-a-member',
      );
      // MLS alone still reads it, as it must for messages that are late. That is why the store takes
      // none from before a change of members (design.md §3), and why the sender is named by its old leaf.
      const stubborn = ok(engine.encrypt({ state: old, keys: carl.keys, plaintext: utf8('from the past') }));
      expect(ok(ben.decrypt(stubborn.ciphertext)).sender).toMatchObject({
        user: carl.keys.user,
        device: carl.keys.device,
      });
      const late = ok(engine.commit({ state: old, keys: carl.keys, add: [], remove: [], nowS }));
      expect(code(ben.inspectCommit(late.commit))).toBe('wrong-epoch');
    });

    it('a removed stranger cannot come back by external commit: nobody merges it', () => {
      const { ana, ben, carl, carlsPhone } = start();
      const { commit, groupInfo } = ana.commitAndMerge({ remove: [carl.keys, carlsPhone.keys] });
      ben.receive(commit);
      const { commit: external, summary } = carl.joinExternally(groupInfo);
      const judged = judgeCommit({
        membersBefore: engine.members(ben.state),
        epochBefore: engine.epoch(ben.state),
        commitBytes: external.length,
        clear: { kind: 'external-commit', devices: summary.membersAfter },
        inspected: ben.inspectCommit(external),
      });
      expect(judged).toEqual({ kind: 'void', reason: 'external-stranger' });
    });

    it('a revoked device whose person is still there is seen when it comes back, and shut out again', () => {
      const { ana, ben, carl, carlsPhone } = start();
      const seen = new SeenAccounts();
      for (const { keys } of [ana, ben, carl, carlsPhone]) seen.list(keys);
      const { commit, groupInfo } = ana.commitAndMerge({ remove: [carl.keys] });
      for (const device of [ben, carlsPhone]) device.receive(commit);
      seen.unlist(carl.keys);
      const { commit: external } = carl.joinExternally(groupInfo);
      for (const device of [ana, ben, carlsPhone]) {
        const { membersAfter, added } = device.receive(external);
        expect(seen.verdicts(added)).toEqual(['device-not-listed']);
        expect(seen.verdictOf(membersAfter, carlsPhone.keys)).toBe('genuine');
      }
      const { commit: removal } = carlsPhone.commitAndMerge({ remove: [carl.keys] });
      for (const device of [ana, ben]) device.receive(removal);
      expect(code(carl.decrypt(ben.encrypt('without it')))).toBe('wrong-epoch');
    });

    it('a member who comes back reads what follows, and nothing of what was said without it', () => {
      const { ana, ben, carl } = start();
      const { commit } = ana.commitAndMerge({ remove: [carl.keys] });
      for (const device of [ben, carl]) device.receive(commit);
      const without = ana.encrypt('without Carl');
      const back = ana.commitAndMerge({ add: [carl.keyPackage()] });
      ben.receive(back.commit);
      carl.join(back.welcome);
      expect(carl.decrypt(without).kind).toBe('failure');
      expect(carl.read(ana.encrypt('with Carl'))).toBe('with Carl');
    });

    it('a thief of a whole state is shut out by the next commit of the robbed', () => {
      const { ana, ben, carl } = start();
      const stolen: GroupState = { ...ben.state, records: new Map(ben.state.records) };
      const before = ana.encrypt('before healing');
      expect(engine.decrypt({ state: stolen, ciphertext: before }).kind).toBe('message');
      const { commit } = ben.commitAndMerge();
      for (const device of [ana, carl]) device.receive(commit);
      const after = ana.encrypt('after healing');
      expect(code(engine.decrypt({ state: stolen, ciphertext: after }))).toBe('wrong-epoch');
      // Ben's own commit is no way forward for a copy of Ben: it cannot open its own path.
      expect(engine.inspectCommit({ state: stolen, commit, atS: nowS }).kind).toBe('failure');
    });

    it('a thief of a state cannot read what was read before: used keys are gone', () => {
      const { ana, ben } = start();
      const messages = ['one', 'two', 'three'].map((said) => ana.encrypt(said));
      for (const ciphertext of messages) ben.read(ciphertext);
      const stolen: GroupState = { ...ben.state, records: new Map(ben.state.records) };
      for (const ciphertext of messages)
        expect(code(engine.decrypt({ state: stolen, ciphertext }))).toBe('replayed');
    });
  },
);
