/** A network and a server that repeat, hold back, swap and damage. Beyond `openmls-engine-limits.spec.ts`: across commits, restarts and groups. Real: the engine. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine } from '../engine.js';
import { group, id, loadEngine, suites } from '../openmls-engine-fixture.js';
import { createRandom } from '../churn/random.js';
import { Device } from './device.js';

const otherGroup = '00000000-0000-4000-8000-0000000d00ce';

describe.each(suites.map((suite) => [`0x${suite.toString(16).padStart(4, '0')}`, suite] as const))(
  'on suite %s',
  (_name, suite) => {
    let engine: MlsEngine;
    beforeAll(async () => {
      engine = await loadEngine();
    });

    const start = (inGroup = group) => {
      const [ana, ben, carl] = [1, 2, 3].map(
        (number) =>
          new Device(
            engine,
            suite,
            engine.generateDeviceKeys({ user: id(number), device: id(0x1000 + number) }),
          ),
      ) as [Device, Device, Device];
      ana.create(inGroup);
      const { welcome } = ana.commitAndMerge({ add: [ben, carl].map((device) => device.keyPackage()) });
      for (const device of [ben, carl]) device.join(welcome);
      return { ana, ben, carl, welcome };
    };

    it('a replay is refused after a restart too, and after four commits', () => {
      const { ana, ben, carl } = start();
      const ciphertext = ana.encrypt('once');
      expect(ben.read(ciphertext)).toBe('once');
      ben.reload();
      expect(ben.decrypt(ciphertext)).toMatchObject({ kind: 'failure', code: 'replayed' });
      for (let round = 0; round < 6; round++) {
        const { commit } = carl.commitAndMerge();
        for (const device of [ana, ben]) device.receive(commit);
        ben.reload();
        expect(ben.decrypt(ciphertext)).toMatchObject({
          kind: 'failure',
          code: round < 4 ? 'replayed' : 'wrong-epoch',
        });
      }
    });

    it('a replayed commit changes nothing, whoever made it', () => {
      const { ana, ben, carl } = start();
      const commits = [ana, ben, carl].map((device, index, all) => {
        const { commit } = device.commitAndMerge();
        for (const other of all) if (other !== device) other.receive(commit);
        return commit;
      });
      const authenticator = ana.authenticator();
      for (const device of [ana, ben, carl]) {
        for (const commit of commits) expect(device.inspectCommit(commit).kind).toBe('failure');
        expect(device.authenticator()).toEqual(authenticator);
      }
    });

    it('a replayed welcome is worth nothing once its key package is used up', () => {
      const { ana, ben } = start();
      const dora = new Device(engine, suite, engine.generateDeviceKeys({ user: id(4), device: id(0x1004) }));
      const { commit, welcome } = ana.commitAndMerge({ add: [dora.keyPackage()] });
      ben.receive(commit);
      const { keyPackageRef } = dora.inspect(welcome);
      dora.join(welcome);
      dora.keyPackages.delete(keyPackageRef);
      expect(
        engine.inspectWelcome({ keys: dora.keys, welcome: welcome!, keyPackages: dora.keyPackages }),
      ).toMatchObject({ code: 'no-key-package' });
    });

    it('messages of all members are read in any order, across a commit and a restart', () => {
      const { ana, ben, carl } = start();
      const random = createRandom(suite);
      const sent: { readonly said: string; readonly ciphertext: Uint8Array }[] = [];
      for (let index = 0; index < 40; index++) {
        const sender = index % 2 === 0 ? ana : carl;
        const said = `${index} ${'ä'.repeat(index)}`;
        sent.push({ said, ciphertext: sender.encrypt(said) });
        if (index === 20) {
          const { commit } = carl.commitAndMerge();
          for (const device of [ana, ben]) device.receive(commit);
        }
      }
      for (const { said, ciphertext } of random.shuffled(sent)) {
        if (random.chance(20)) ben.reload();
        expect(ben.read(ciphertext)).toBe(said);
      }
      for (const { ciphertext } of sent) expect(ben.decrypt(ciphertext)).toMatchObject({ code: 'replayed' });
    });

    it('a message of one group means nothing in another with the same members', () => {
      const here = start();
      const there = new Map(
        [here.ana, here.ben].map((device) => [device, new Device(engine, suite, device.keys)] as const),
      );
      const [anaThere, benThere] = [there.get(here.ana)!, there.get(here.ben)!];
      anaThere.create(otherGroup);
      benThere.join(anaThere.commitAndMerge({ add: [benThere.keyPackage()] }).welcome);
      const ciphertext = here.ana.encrypt('only here');
      expect(benThere.decrypt(ciphertext)).toMatchObject({ kind: 'failure', code: 'wrong-group' });
      expect(benThere.inspectCommit(here.ana.commit().commit)).toMatchObject({
        kind: 'failure',
        code: 'wrong-group',
      });
      expect(here.ben.read(ciphertext)).toBe('only here');
    });

    it('no flipped bit of a message is read, and none uses up its key', () => {
      const { ana, ben } = start();
      const ciphertext = ana.encrypt('every bit counts');
      const before = ben.state;
      for (let bit = 0; bit < ciphertext.length * 8; bit++) {
        const damaged = ciphertext.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        const result = ben.decrypt(damaged);
        if (result.kind !== 'failure') throw new Error(`bit ${bit} was read`);
      }
      expect(ben.state).toBe(before);
      expect(ben.read(ciphertext)).toBe('every bit counts');
    });
  },
);
