/** Real: Postgres, NATS, Redis, two replicas, the keys and signatures. Played: auth. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  generateAccountKey,
  generateRecoveryKey,
  recoveryLookup,
  sealRecoveryRecord,
  signRecoveryRecord,
} from '@cipherchat/crypto';
import { eraseIdentity, keysRoutes, subjects } from '@cipherchat/protocol';
import { manifestOf, startWorld, type Account, type World } from '../directory-world.fixture.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ replicas: 2 });
}, 60_000);
afterAll(() => world.stop());

const random = (length: number) => Uint8Array.from(randomBytes(length));
const by = (account: Account) => ({ user: account.user, device: account.devices[0]! });
const recordOf = (account: Account, recoveryKey: Uint8Array, version = 1) =>
  sealRecoveryRecord({ recoveryKey, accountKey: account.key, user: account.user, version, random });
const publish = (account: Account, record: Uint8Array, replica = 0) =>
  world.call(keysRoutes.publishRecovery, { by: by(account), body: { record }, replica });
const find = (username: string, recoveryKey: Uint8Array, replica = 1) =>
  world.call(keysRoutes.findRecovery, {
    by: by(world.account()),
    body: { username, lookup: recoveryLookup(recoveryKey) },
    replica,
  });
const read = async (account: Account) =>
  (await world.call(keysRoutes.readRecovery, { by: by(account) })).body.record;

describe('a recovery record', () => {
  it('is given, with the newest manifest, to who has the recovery key and to nobody else', async () => {
    const ana = await world.registered();
    const [key, wrong] = [generateRecoveryKey(random), generateRecoveryKey(random)];
    expect(await read(ana)).toBeNull();
    const unknown = { status: 404, code: 'directory/recovery-unknown' };
    expect(await find(ana.username, key)).toMatchObject(unknown);
    const record = recordOf(ana, key);
    expect((await publish(ana, record.bytes)).body).toEqual({ version: 1 });
    expect(await read(ana)).toEqual(record.bytes);
    const newest = manifestOf(ana, { version: 4 });
    await world.call(keysRoutes.publishManifest, { by: by(ana), body: { manifest: newest.bytes } });
    expect((await find(ana.username, key)).body).toEqual({
      user: ana.user,
      record: record.bytes,
      manifest: newest.bytes,
    });
    // Of another key, another person, nobody, and somebody without a record: one answer, which tells nothing apart.
    const ben = await world.registered();
    for (const [name, shown] of [
      [ana.username, wrong],
      [ben.username, key],
      ['nobody.of-this-name', key],
    ] as const)
      expect(await find(name, shown)).toMatchObject(unknown);
  });

  it('is replaced by a newer one only, and storing it again changes nothing', async () => {
    const ana = await world.registered();
    const [first, second] = [generateRecoveryKey(random), generateRecoveryKey(random)];
    const old = recordOf(ana, first);
    const newer = recordOf(ana, second, 2);
    for (const record of [old, old, newer, newer])
      expect((await publish(ana, record.bytes)).status).toBe(200);
    for (const record of [old, recordOf(ana, first, 2)])
      expect(await publish(ana, record.bytes, 1)).toMatchObject({
        status: 409,
        code: 'directory/recovery-stale',
        body: { version: 2 },
      });
    expect((await find(ana.username, second)).body.record).toEqual(newer.bytes);
    expect((await find(ana.username, first)).code).toBe('directory/recovery-unknown');
  });

  it('of two at once is the greater one, or the first of two alike', async () => {
    const ana = await world.registered();
    const records = Array.from({ length: 6 }, (_, index) =>
      recordOf(ana, generateRecoveryKey(random), 1 + Math.floor(index / 2)),
    );
    const answers = await Promise.all(records.map(({ bytes }, index) => publish(ana, bytes, index % 2)));
    const kept = await read(ana);
    expect(records.slice(4).some(({ bytes }) => Buffer.compare(bytes, kept!) === 0)).toBe(true);
    expect(answers.slice(4).filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('needs the signature of the account key: an access token alone replaces nothing', async () => {
    const ana = await world.registered();
    const key = generateRecoveryKey(random);
    const record = recordOf(ana, key);
    await publish(ana, record.bytes);
    const flipped = recordOf(ana, key, 2).bytes.slice();
    flipped[100]! ^= 1;
    const mallory = generateAccountKey(random);
    const forged = sealRecoveryRecord({
      recoveryKey: key,
      accountKey: mallory,
      user: ana.user,
      version: 2,
      random,
    });
    const ben = await world.registered();
    const ofBen = signRecoveryRecord({
      accountKey: ben.key,
      record: { ...record, user: ben.user, accountKey: ben.key.publicKey, version: 2 },
    });
    for (const bytes of [flipped, forged.bytes, ofBen.bytes])
      expect(await publish(ana, bytes)).toMatchObject({ status: 422, code: 'directory/recovery-invalid' });
    expect(await publish(world.account(), record.bytes)).toMatchObject({ status: 422 });
    expect(await read(ana)).toEqual(record.bytes);
  });

  it('goes with its account', async () => {
    const ana = await world.registered();
    const key = generateRecoveryKey(random);
    await publish(ana, recordOf(ana, key).bytes);
    await world.command({
      subject: subjects.eraseIdentity,
      question: eraseIdentity,
      body: { user: ana.user },
    });
    expect(await find(ana.username, key)).toMatchObject({ code: 'directory/recovery-unknown' });
    expect(await read(ana)).toBeNull();
  });
});
