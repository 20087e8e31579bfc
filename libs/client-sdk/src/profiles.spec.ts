/** Profiles and verification. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { CallRefusedError, maxPictureBytes, SafetyNumberDiffersError } from './index.js';
import { announceManifest, handOutAnotherAccount } from './testing/changed-account.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';
import { restore } from './testing/restored-world.js';

const picture = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3);
const other = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 9);
const reasonOf = (error: unknown): string =>
  error instanceof CallRefusedError ? error.reason : `${error as string}`;

async function people(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben, cleo] = [
    await world.person('ana'),
    await world.person('ben', 'kept'),
    await world.person('cleo', 'kept'),
  ];
  /** As `viewer` sees `person`, without asking the network for anything. */
  const seen = async (viewer: ModelPerson, person: ModelPerson) =>
    (await world.waitFor(viewer.client.contacts.people([person.user])))[0]!;
  const shows = (viewer: ModelPerson, person: ModelPerson, name: string | null) =>
    world.clock.runUntil(async () => (await seen(viewer, person)).name === name);
  return { world, ana, ben, cleo, seen, shows };
}

describe('a profile', () => {
  it('is seen by whom this person writes to, and by nobody who has only written to them', async () => {
    const { world, ana, ben, seen, shows } = await people(951);
    await ana.client.contacts.setProfile({ name: 'Ana', picture });
    await ben.client.contacts.setProfile({ name: 'Ben', picture: null });
    const told: string[] = [];
    ben.on('person', ({ user }) => told.push(user));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await shows(ben, ana, 'Ana');
    expect(await seen(ben, ana)).toMatchObject({ picture: { type: 'image/jpeg', bytes: picture } });
    expect(told).toContain(ana.user);
    await world.clock.run(30_000);
    expect(await seen(ana, ben)).toMatchObject({ name: null, picture: null });
    await ben.client.accept(toBen.id);
    await shows(ana, ben, 'Ben');
    // Nothing of it stands among the messages, is counted as unread, or is taken for a loss.
    expect([await ana.texts(toBen.id), await ben.texts(toBen.id)]).toEqual([['hello'], ['hello']]);
    expect((await toBen.messages()).map(({ body }) => body.kind)).toEqual(['text']);
    expect(ana.client.conversation(toBen.id).info.unreadCount).toBe(0);
    await toBen.send('again');
    await world.clock.runUntil(async () => (await ben.texts(toBen.id)).includes('again'));
    expect(await ben.marks(toBen.id)).toEqual([]);
  });

  it('follows its changes, made without a network and over a crash, and is sent once for all of them', async () => {
    const { world, ana, ben, seen, shows } = await people(952);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.runUntil(async () => (await ben.texts(toBen.id).catch(() => [])).length === 1);
    ana.goOffline();
    for (const name of ['A', 'An', 'Ana']) await ana.client.contacts.setProfile({ name, picture });
    await ana.client.contacts.setProfile({ name: 'Ana', picture: other });
    ana.crash();
    await ana.restart();
    expect(ana.client.contacts.profile).toMatchObject({ name: 'Ana', picture: { type: 'image/png' } });
    const cursor = ben.client.conversation(toBen.id).info.cursorSeq;
    ana.goOnline();
    await shows(ben, ana, 'Ana');
    await world.clock.run(30_000);
    expect((await seen(ben, ana)).picture?.bytes).toEqual(other);
    const entries = ben.client.conversation(toBen.id).info.cursorSeq - cursor;
    await ana.client.contacts.setProfile({ name: 'Ana', picture: other });
    await world.clock.run(30_000);
    expect(ben.client.conversation(toBen.id).info.cursorSeq - cursor).toBe(entries);
    await ana.client.contacts.setProfile({ name: null, picture: null });
    await shows(ben, ana, null);
    expect((await seen(ben, ana)).picture).toBeNull();
  });

  it('is given to who joins a group, by all that are in it, and in every conversation', async () => {
    const { world, ana, ben, cleo, shows } = await people(953);
    await ana.client.contacts.setProfile({ name: 'Ana', picture: null });
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('hello');
    await shows(ben, ana, 'Ana');
    await ben.client.accept(group.id);
    await ben.client.contacts.setProfile({ name: 'Ben', picture });
    await shows(ana, ben, 'Ben');
    await group.add([cleo.user]);
    await shows(cleo, ana, 'Ana');
    await shows(cleo, ben, 'Ben');
    const toCleo = await ana.client.direct(cleo.user);
    await toCleo.send('hello');
    await ana.client.contacts.setProfile({ name: 'Ana B.', picture: null });
    await Promise.all([shows(ben, ana, 'Ana B.'), shows(cleo, ana, 'Ana B.')]);
    await world.clock.run(30_000);
    expect([ana.faults, ben.faults, cleo.faults]).toEqual([[], [], []]);
  });

  it('survives a crash at every point of what gives it', async () => {
    for (let point = 0; point < 12; point++) {
      const { world, ana, ben, seen, shows } = await people(960 + point);
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('hello');
      await world.clock.run(5_000);
      let left = point;
      ana.probe = ({ step }) => {
        if ((step === 'people/give-profile' || step.startsWith('outbox/')) && left-- === 0) ana.crash();
      };
      await ana.client.contacts.setProfile({ name: 'Ana', picture });
      await world.clock.run(5_000);
      ana.probe = () => undefined;
      if (left < 0) await ana.restart();
      await shows(ben, ana, 'Ana');
      expect((await seen(ben, ana)).picture?.bytes).toEqual(picture);
      await ana.client.conversation(toBen.id).send('after it');
      await world.clock.runUntil(async () => (await ben.texts(toBen.id)).includes('after it'));
      expect([point, await ben.marks(toBen.id), ana.faults]).toEqual([point, [], []]);
    }
  });

  it('is the newest also when a restore of the server had lost it', async () => {
    const { world, ana, ben, cleo, shows } = await people(954);
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('hello');
    await world.clock.run(10_000);
    const backup = world.network.server.backup();
    await ana.client.contacts.setProfile({ name: 'A', picture });
    await shows(ben, ana, 'A');
    await ana.client.contacts.setProfile({ name: 'Ana', picture: other });
    await shows(ben, ana, 'Ana');
    await restore(world, backup);
    await world.clock.runUntil(() => ana.client.connection.kind === 'live');
    await world.clock.run(60_000);
    await shows(ben, ana, 'Ana');
    await group.add([cleo.user]);
    await shows(cleo, ana, 'Ana');
    expect(await ben.marks(group.id)).toEqual([]);
  });

  it('is refused when it is too long, or has a picture that is none', async () => {
    const { ana } = await people(955);
    const set = (name: string | null, bytes: Uint8Array | null) =>
      ana.client.contacts.setProfile({ name, picture: bytes }).catch(reasonOf);
    expect(await set('x'.repeat(129), null)).toBe('text-too-long');
    expect(await set(null, new TextEncoder().encode('<svg/>'))).toBe('not-a-picture');
    const long = new Uint8Array(maxPictureBytes + 1);
    long.set(picture);
    expect(await set(null, long)).toBe('not-a-picture');
    expect(ana.client.contacts.profile).toEqual({ name: null, picture: null });
  });
});

describe('a person', () => {
  it('is verified by the digits or the code that were compared, until their key is another', async () => {
    const { world, ana, ben, seen } = await people(956);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.run(5_000);
    const own = await world.waitFor(ana.client.safetyNumber(ben.user));
    const theirs = await world.waitFor(ben.client.safetyNumber(ana.user));
    const scan = (code: string) => ana.client.contacts.compareScanned({ user: ben.user, code });
    expect(await scan(theirs.code)).toBe('same');
    expect(await scan(`${theirs.code}0`)).toBe('malformed');
    const wrong = `${theirs.code.slice(0, -1)}${theirs.code.endsWith('0') ? '1' : '0'}`;
    expect(['different', 'other-people']).toContain(await scan(wrong));
    await expect(
      ana.client.contacts.markVerified({ user: ben.user, digits: '12345' }),
    ).rejects.toBeInstanceOf(SafetyNumberDiffersError);
    expect((await seen(ana, ben)).verified).toBe(false);
    for (let twice = 0; twice < 2; twice++)
      await ana.client.contacts.markVerified({ user: ben.user, digits: own.digits });
    expect(await seen(ana, ben)).toMatchObject({ verified: true, alarm: null, contact: true });
    handOutAnotherAccount(world, ben.user);
    announceManifest(world, ben.user);
    await world.clock.run(5_000);
    expect(await seen(ana, ben)).toMatchObject({ verified: false, alarm: 'account-key-changed' });
    expect(ana.client.conversation(toBen.id).info.keyChanged).toEqual([ben.user]);
    const offered = await ana.client.offeredSafetyNumber(ben.user);
    expect(await scan(offered?.code ?? '')).toBe('offered');
    await ana.client.settleAccountKey({ user: ben.user, digits: own.digits });
    expect(await seen(ana, ben)).toMatchObject({ verified: true, alarm: null });
    expect(ana.client.conversation(toBen.id).info.keyChanged).toEqual([]);
    await ana.client.contacts.unmarkVerified(ben.user);
    expect((await seen(ana, ben)).verified).toBe(false);
    expect(await ana.client.contacts.list()).toEqual([ben.user]);
  });
});
