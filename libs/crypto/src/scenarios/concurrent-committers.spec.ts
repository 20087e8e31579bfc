/** Several members commit at the same moment. The log takes one; which one, nobody can know before. Real: engine and judgement; the log's order is ours to choose. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine, PendingCommit } from '../engine.js';
import { group, id, loadEngine, nowS, ok, suites } from '../openmls-engine-fixture.js';
import { Device } from './device.js';

type Change = Parameters<Device['commit']>[0];

describe.each(suites.map((suite) => [`0x${suite.toString(16).padStart(4, '0')}`, suite] as const))(
  'on suite %s',
  (_name, suite) => {
    let engine: MlsEngine;
    beforeAll(async () => {
      engine = await loadEngine();
    });

    const newDevice = (number: number): Device =>
      new Device(engine, suite, engine.generateDeviceKeys({ user: id(number), device: id(0x1000 + number) }));
    const start = () => {
      const [ana, ben, carl, dora] = [1, 2, 3, 4].map(newDevice) as [Device, Device, Device, Device];
      ana.create(group);
      const { welcome } = ana.commitAndMerge({ add: [ben, carl].map((device) => device.keyPackage()) });
      for (const device of [ben, carl]) device.join(welcome);
      return { ana, ben, carl, dora };
    };
    const expectAgreement = (...devices: readonly Device[]): void => {
      for (const device of devices) expect(device.authenticator()).toEqual(devices[0]!.authenticator());
      const names = devices.map(({ keys }) => keys.device).sort();
      for (const device of devices)
        expect(
          engine
            .members(device.state)
            .map((member) => member.device)
            .sort(),
        ).toEqual(names);
      for (const sender of devices) {
        const ciphertext = sender.encrypt('heard?');
        for (const reader of devices) if (reader !== sender) expect(reader.read(ciphertext)).toBe('heard?');
      }
    };
    /** The log took the winner's commit: it merges its own, all others merge that. */
    const deliver = (winner: Device, { commit }: PendingCommit, others: readonly Device[]): void => {
      winner.mergeOwn();
      for (const other of others) other.receive(commit);
    };

    const changes: ReadonlyArray<readonly [string, (world: ReturnType<typeof start>) => Change]> = [
      ['an update', () => ({})],
      ['an add', ({ dora }) => ({ add: [dora.keyPackage()] })],
      ['a removal of the third', ({ carl }) => ({ remove: [carl.keys] })],
    ];
    const pairs = changes.flatMap((first) =>
      changes.map((second) => ({ name: `${first[0]} and ${second[0]}`, first: first[1], second: second[1] })),
    );

    describe.each(['first', 'second'] as const)(
      'when the %s of two commits reaches the log first',
      (winning) => {
        it.each(pairs)('$name: one wins, the other is refused by all and made again', ({ first, second }) => {
          const world = start();
          const { ana, ben, carl, dora } = world;
          const made = { first: ana.commit(first(world)), second: ben.commit(second(world)) };
          const [winner, loser] = winning === 'first' ? [ana, ben] : [ben, ana];
          const [won, lost] = winning === 'first' ? [made.first, made.second] : [made.second, made.first];
          const isMember = (pending: PendingCommit, device: Device) =>
            pending.summary.membersAfter.some((member) => member.device === device.keys.device);
          deliver(winner, won, [loser, carl]);
          if (isMember(won, dora)) dora.join(won.welcome);
          const members = [ana, ben, carl, dora].filter((device) => isMember(won, device));
          for (const device of members) {
            expect(engine.hasPendingCommit(device.state)).toBe(false);
            if (device !== loser)
              expect(device.inspectCommit(lost.commit)).toMatchObject({
                kind: 'failure',
                code: 'wrong-epoch',
              });
          }
          expectAgreement(...members);
          const again = loser.commit();
          deliver(
            loser,
            again,
            members.filter((device) => device !== loser),
          );
          expectAgreement(...members);
        });
      },
    );

    it('two who remove each other: the first in the log stays', () => {
      const { ana, ben, carl } = start();
      const made = ana.commit({ remove: [ben.keys] });
      ben.commit({ remove: [ana.keys] });
      deliver(ana, made, [ben, carl]);
      expectAgreement(ana, carl);
      expect(
        engine.encrypt({ state: ben.state, keys: ben.keys, plaintext: new Uint8Array(1) }),
      ).toMatchObject({ code: 'not-a-member' });
    });

    it('two who add the same device: it joins once, by the welcome that belongs to the commit in the log', () => {
      const { ana, ben, carl, dora } = start();
      const [byAna, byBen] = [
        ana.commit({ add: [dora.keyPackage()] }),
        ben.commit({ add: [dora.keyPackage()] }),
      ];
      deliver(ben, byBen, [ana, carl]);
      dora.join(byBen.welcome);
      expectAgreement(ana, ben, carl, dora);
      // The welcome of the lost commit opens too: into an epoch that nobody is in. Hence: only with its commit.
      const { staged } = ok(
        engine.inspectWelcome({ keys: dora.keys, welcome: byAna.welcome!, keyPackages: dora.keyPackages }),
      );
      const stray = engine.joinWelcome(staged).next;
      expect(engine.epochAuthenticator(stray)).not.toEqual(dora.authenticator());
      expect(engine.decrypt({ state: stray, ciphertext: ana.encrypt('which epoch?') }).kind).toBe('failure');
    });

    it('an external join and an update: whoever loses does it again', () => {
      const { ana, ben, carl, dora } = start();
      const { commit, groupInfo } = ana.commitAndMerge();
      for (const device of [ben, carl]) device.receive(commit);
      // The update is first: the joiner starts over with the newer GroupInfo.
      const lost = ok(engine.externalCommit({ keys: dora.keys, groupInfo, nowS }));
      const update = ben.commit();
      deliver(ben, update, [ana, carl]);
      for (const device of [ana, ben, carl])
        expect(device.inspectCommit(lost.commit)).toMatchObject({ code: 'wrong-epoch' });
      expect(engine.clearPending(lost.next).next.records.size).toBe(0);
      const external = dora.joinExternally(update.groupInfo);
      // The external join is first: the member's pending update is cleared by it.
      carl.commit();
      for (const device of [ana, ben, carl]) device.receive(external.commit);
      expect(engine.hasPendingCommit(carl.state)).toBe(false);
      expectAgreement(ana, ben, carl, dora);
    });

    it('all at once: whichever of three commits wins, the other two clear theirs', () => {
      for (let winning = 0; winning < 3; winning++) {
        const { ana, ben, carl } = start();
        const all = [ana, ben, carl];
        const made = all.map((device) => device.commit());
        deliver(
          all[winning]!,
          made[winning]!,
          all.filter((_, index) => index !== winning),
        );
        expectAgreement(...all);
      }
    });

    it('a server that shows two members two different winners is noticed: their epochs share nothing', () => {
      const { ana, ben, carl } = start();
      const [byAna, byBen] = [ana.commit(), ben.commit()];
      ana.mergeOwn();
      carl.receive(byAna.commit);
      ben.mergeOwn();
      expect(engine.epoch(ben.state)).toBe(engine.epoch(carl.state));
      expect(ben.authenticator()).not.toEqual(carl.authenticator());
      expect(carl.inspectCommit(byBen.commit)).toMatchObject({ code: 'wrong-epoch' });
      expect(carl.decrypt(ben.encrypt('from the other branch'))).toMatchObject({ code: 'not-authentic' });
      expect(carl.read(ana.encrypt('from this one'))).toBe('from this one');
    });
  },
);
