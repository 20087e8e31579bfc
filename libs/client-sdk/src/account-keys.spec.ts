/** An account key that changed, and leaves that no account names. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { Alarm } from './events.js';
import { SafetyNumberDiffersError } from './index.js';
import { announceManifest, handOutAnotherAccount, unlistDevices } from './testing/changed-account.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

/** A group of three who have written; `alarms` are what Ana's client tells. */
async function group(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben, cleo] = [await world.person('ana'), await world.person('ben'), await world.person('cleo')];
  const conversation = await ana.client.group({ users: [ben.user, cleo.user] });
  const { id } = conversation;
  const hasRead = async (person: ModelPerson, text: string): Promise<boolean> =>
    (await person.texts(id).catch((): readonly string[] => [])).includes(text);
  const reach = async (text: string, readers: readonly ModelPerson[]): Promise<void> => {
    await conversation.send(text);
    await world.clock.runUntil(async () => {
      for (const reader of readers) if (!(await hasRead(reader, text))) return false;
      return true;
    });
  };
  await reach('hello', [ben, cleo]);
  const alarms: Alarm[] = [];
  ana.on('alarm', (alarm) => alarms.push(alarm));
  const lastDelivery = async () => (await conversation.messages()).findLast(({ own }) => own)?.delivery;
  return { world, ana, ben, cleo, conversation, alarms, reach, hasRead, lastDelivery };
}
type Group = Awaited<ReturnType<typeof group>>;

/** The server names another account key for Ben, and Ana's client has seen it. */
async function changeBensKey(
  { world, ben, conversation }: Group,
  devices: 'as-before' | 'none' = 'as-before',
): Promise<void> {
  handOutAnotherAccount(world, ben.user, devices);
  announceManifest(world, ben.user);
  await world.clock.runUntil(async () =>
    (await conversation.members()).some(({ check }) => check === 'account-key-changed'),
  );
}

describe('another account key of a member', () => {
  it('stops sending, and says why, until somebody has compared', async () => {
    const story = await group(201);
    const { world, ana, ben, cleo, conversation, alarms, lastDelivery, hasRead } = story;
    await changeBensKey(story);
    await conversation.send('for whom?');
    await world.clock.run(60_000);
    expect(await lastDelivery()).toEqual({ kind: 'failed', failure: 'member-not-verified' });
    for (const person of [ben, cleo]) expect(await hasRead(person, 'for whom?')).toBe(false);
    expect(alarms).toContainEqual(expect.objectContaining({ user: ben.user, conversation: conversation.id }));
    expect((await conversation.members()).map(({ user }) => user)).toContain(ben.user);
    await expect(
      ana.client.settleAccountKey({ user: ben.user, digits: '12345 '.repeat(12) }),
    ).rejects.toThrow(SafetyNumberDiffersError);
    await conversation.send('and now?');
    await world.clock.run(60_000);
    expect(await lastDelivery()).toEqual({ kind: 'failed', failure: 'member-not-verified' });
  });

  it('stops sending in all conversations with them, wherever it was noticed', async () => {
    const { world, ana, ben, conversation, lastDelivery } = await group(216);
    handOutAnotherAccount(world, ben.user);
    const elsewhere = await ana.client.group({ users: [ben.user] });
    await world.clock.run(60_000);
    expect(elsewhere.info.phase).not.toBe('active');
    expect(conversation.info.keyChanged).toEqual([ben.user]);
    await conversation.send('for whom?');
    await world.clock.run(60_000);
    expect(await lastDelivery()).toEqual({ kind: 'failed', failure: 'member-not-verified' });
  });

  it('stops it also after a restart', async () => {
    const story = await group(202);
    await changeBensKey(story);
    story.ana.crash();
    await story.ana.restart();
    const again = story.ana.client.conversation(story.conversation.id);
    await again.send('for whom?');
    await story.world.clock.run(60_000);
    const delivery = (await again.messages()).findLast(({ own }) => own)?.delivery;
    expect(delivery).toEqual({ kind: 'failed', failure: 'member-not-verified' });
  });

  it('is turned down by the number that is known, and sending goes on', async () => {
    const story = await group(203);
    const { ana, ben, cleo, conversation, reach } = story;
    await changeBensKey(story);
    const { digits } = await ana.client.safetyNumber(ben.user);
    expect((await ben.client.safetyNumber(ana.user)).digits).toBe(digits);
    expect((await ana.client.offeredSafetyNumber(ben.user))?.digits).not.toBe(digits);
    expect(await ana.client.settleAccountKey({ user: ben.user, digits })).toBe('known');
    expect(await ana.client.offeredSafetyNumber(ben.user)).toBeNull();
    expect(new Set((await conversation.members()).map(({ check }) => check))).toEqual(new Set(['genuine']));
    await reach('as before', [ben, cleo]);
    expect((await ana.client.safetyNumber(ben.user)).digits).toBe(digits);
  });

  it('becomes theirs by its number, and devices that it does not name are removed and shown', async () => {
    const story = await group(204);
    const { world, ana, ben, cleo, conversation, alarms, reach, hasRead } = story;
    await changeBensKey(story, 'none');
    const offered = await ana.client.offeredSafetyNumber(ben.user);
    const digits = offered?.digits.replaceAll(' ', '  ') ?? '';
    expect(await ana.client.settleAccountKey({ user: ben.user, digits })).toBe('offered');
    expect((await ana.client.safetyNumber(ben.user)).digits).toBe(offered?.digits);
    await world.clock.runUntil(async () =>
      (await conversation.members()).every(({ user }) => user !== ben.user),
    );
    await reach('without ben', [cleo]);
    expect(await hasRead(ben, 'without ben')).toBe(false);
    expect(alarms).toContainEqual(expect.objectContaining({ user: ben.user, reason: 'device-not-listed' }));
  });
});

describe('a leaf that its account names no more', () => {
  it('is removed by the others, and both that and why are shown; the rest goes on', async () => {
    const { world, ben, cleo, ana, conversation, alarms, reach, hasRead } = await group(205);
    await unlistDevices(world, ben);
    announceManifest(world, ben.user);
    await world.clock.runUntil(async () =>
      (await conversation.members()).every(({ user }) => user !== ben.user),
    );
    expect(alarms).toEqual([
      {
        user: ben.user,
        device: ben.client.self.device,
        conversation: conversation.id,
        reason: 'device-not-listed',
      },
    ]);
    const showsRemoval = async (person: typeof ana) =>
      (await person.client.conversation(conversation.id).messages()).some(
        ({ body }) => body.kind === 'membership' && body.removed.includes(ben.user),
      );
    await world.clock.runUntil(async () => (await showsRemoval(ana)) && (await showsRemoval(cleo)));
    await reach('without ben', [cleo]);
    expect(await hasRead(ben, 'without ben')).toBe(false);
  });
});
