/** Whether people are there. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ClientFrame } from '@cipherchat/protocol';
import type { PersonPresence } from './index.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

async function acquainted(seed: number, names: readonly string[] = ['ana', 'ben']) {
  const world = new ModelWorld({ seed });
  const people: ModelPerson[] = [];
  for (const name of names) people.push(await world.person(name));
  const [ana, ben] = people as [ModelPerson, ModelPerson];
  const chat = await ana.client.direct(ben.user);
  await chat.send('hello');
  await world.clock.runUntil(async () => (await ben.texts(chat.id).catch(() => [])).length === 1);
  await world.clock.run(minuteMs);
  const ids = new Map(people.map((person) => [person, person.user]));
  const seen = async (viewer: ModelPerson, person: ModelPerson): Promise<PersonPresence | null> =>
    (await world.waitFor(viewer.client.contacts.people([ids.get(person)!])))[0]!.presence;
  const until = (viewer: ModelPerson, person: ModelPerson, kind: 'here' | 'seen' | null) =>
    world.clock.runUntil(async () => ((await seen(viewer, person))?.kind ?? null) === kind, 20 * minuteMs);
  const share = async (...sharing: readonly ModelPerson[]): Promise<void> => {
    for (const { client } of sharing) await client.setPresence('shared');
    await world.clock.run(minuteMs);
  };
  return { world, ana, ben, people, chat, seen, until, share };
}

/** Somebody who looks at the app all the time. */
function staysActive({ clock }: ModelWorld, person: ModelPerson): () => void {
  let isActive = true;
  const note = (): void => {
    if (!isActive) return;
    person.client.noteActivity();
    clock.setTimer(note, minuteMs);
  };
  note();
  return () => (isActive = false);
}

/** The signals that each person's device gives to the server from now on, with the time of each. */
function signalsOf(world: ModelWorld) {
  const sent: Array<{ readonly user: string; readonly atMs: number; readonly frame: ClientFrame }> = [];
  world.network.sent = (user, frame) => {
    if (frame.type === 'signal' && frame.kind === 'momentary')
      sent.push({ user, atMs: world.clock.nowMs(), frame });
  };
  return sent;
}

describe('presence', () => {
  it('is told to nobody at first', async () => {
    const { world, ana, ben, seen } = await acquainted(301);
    const sent = signalsOf(world);
    staysActive(world, ana);
    staysActive(world, ben);
    await world.clock.run(10 * minuteMs);
    expect([ana.client.presence, ben.client.presence]).toEqual(['kept', 'kept']);
    expect(await seen(ana, ben)).toBeNull();
    expect(sent).toEqual([]);
  });

  it('is neither seen by whom tells nothing, nor sent to them', async () => {
    const { world, ana, ben, seen, share } = await acquainted(302);
    const sent = signalsOf(world);
    staysActive(world, ana);
    staysActive(world, ben);
    await share(ana);
    await world.clock.run(10 * minuteMs);
    expect([await seen(ben, ana), await seen(ana, ben)]).toEqual([null, null]);
    expect(sent).toEqual([]);
  });

  it('is seen by both when both tell it, and the hour of the last time when they are gone', async () => {
    const { world, ana, ben, seen, until, share } = await acquainted(303);
    staysActive(world, ana);
    const benLeaves = staysActive(world, ben);
    await share(ana, ben);
    await until(ana, ben, 'here');
    await until(ben, ana, 'here');
    const told: string[] = [];
    ana.on('person', ({ user }) => told.push(user));
    benLeaves();
    await until(ana, ben, 'seen');
    expect(told).toEqual([ben.user]);
    const presence = await seen(ana, ben);
    expect(presence).toEqual({ kind: 'seen', hourMs: expect.any(Number) });
    expect(presence?.kind === 'seen' && presence.hourMs % hourMs).toBe(0);
    expect(presence?.kind === 'seen' && world.clock.nowMs() - presence.hourMs).toBeLessThan(
      hourMs + 20 * minuteMs,
    );
    expect(await seen(ben, ana)).toEqual({ kind: 'here' });
  });

  it('is known at once of whoever is there when somebody comes back', async () => {
    const { world, ana, ben, seen, until, share } = await acquainted(304);
    staysActive(world, ana);
    staysActive(world, ben);
    await share(ana, ben);
    await until(ana, ben, 'here');
    ana.goOffline();
    await world.clock.run(minuteMs);
    expect(await seen(ana, ben)).toMatchObject({ kind: 'seen' });
    ana.goOnline();
    await world.clock.runUntil(() => ana.client.connection.kind === 'live');
    await world.clock.run(10_000);
    expect([await seen(ana, ben), await seen(ben, ana)]).toEqual([{ kind: 'here' }, { kind: 'here' }]);
  });

  it('ends by itself when a device is heard of no more, and stays known over a restart', async () => {
    const { world, ana, ben, seen, until, share } = await acquainted(305);
    const benLeaves = staysActive(world, ben);
    await share(ana, ben);
    await until(ana, ben, 'here');
    benLeaves();
    ben.crash();
    await until(ana, ben, 'seen');
    const before = await seen(ana, ben);
    ana.crash();
    await ana.restart();
    expect(await seen(ana, ben)).toEqual(before);
  });

  it('ends at once when a client is closed', async () => {
    const { world, ana, ben, seen, until, share } = await acquainted(306);
    staysActive(world, ben);
    await share(ana, ben);
    await until(ana, ben, 'here');
    await world.waitFor(ben.client.close());
    await world.clock.run(1_000);
    expect(await seen(ana, ben)).toMatchObject({ kind: 'seen' });
  });

  it('is forgotten on both sides when one of them stops to tell it', async () => {
    const { world, ana, ben, seen, until, share } = await acquainted(307);
    staysActive(world, ana);
    staysActive(world, ben);
    await share(ana, ben);
    await until(ana, ben, 'here');
    await ben.client.setPresence('kept');
    expect(await seen(ben, ana)).toBeNull();
    await until(ana, ben, null);
    await ben.client.setPresence('shared');
    await world.clock.run(5_000);
    expect(await seen(ben, ana)).not.toMatchObject({ kind: 'seen' });
  });

  it('passes neither through groups nor to who is blocked', async () => {
    const { world, ana, ben, people, seen, until, share } = await acquainted(308, ['ana', 'ben', 'cleo']);
    const cleo = people[2]!;
    for (const person of people) staysActive(world, person);
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('all of us');
    await share(ana, ben, cleo);
    await until(ana, ben, 'here');
    await world.clock.run(10 * minuteMs);
    expect([await seen(ana, cleo), await seen(cleo, ana), await seen(cleo, ben)]).toEqual([null, null, null]);
    await ana.client.contacts.block(ben.user);
    expect(await seen(ana, ben)).toBeNull();
    await until(ben, ana, 'seen');
  });

  it('is sent at the same moments whatever the person does, so that a server learns nothing of it', async () => {
    const moments = async (isActive: boolean): Promise<readonly number[]> => {
      const { world, ana, ben, share } = await acquainted(309);
      const sent = signalsOf(world);
      const beganMs = world.clock.nowMs();
      await share(ana, ben);
      if (isActive) staysActive(world, ana);
      await world.clock.run(20 * minuteMs);
      const sizes = new Set(sent.map(({ frame }) => frame.type === 'signal' && frame.ciphertext.length));
      expect([...sizes]).toEqual([45]);
      return sent.filter(({ user }) => user === ana.user).map(({ atMs }) => atMs - beganMs);
    };
    const ofActive = await moments(true);
    expect(ofActive.length).toBeGreaterThan(8);
    expect(await moments(false)).toEqual(ofActive);
  });

  it('answers who asks again and again only now and then', async () => {
    const { world, ana, ben, until, share } = await acquainted(310);
    staysActive(world, ana);
    await share(ana, ben);
    await until(ben, ana, 'here');
    const sent = signalsOf(world);
    for (let times = 0; times < 20; times++) {
      // Shared anew, everybody is asked anew.
      await ben.client.setPresence('shared');
      await world.clock.run(2_500);
    }
    const asked = sent.filter(({ user }) => user === ben.user).length;
    const answers = sent.filter(({ user }) => user === ana.user).length;
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(answers).toBeLessThanOrEqual(4);
  });
});
