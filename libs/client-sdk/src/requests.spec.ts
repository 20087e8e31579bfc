/** Requests: what somebody begins who is no contact. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { CallRefusedError } from './index.js';
import { tables } from './state/tables.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function strangers(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben, cleo] = [
    await world.person('ana', 'kept'),
    await world.person('ben', 'kept'),
    await world.person('cleo', 'kept'),
  ];
  const reads = async (person: ModelPerson, id: ConversationId, text: string) =>
    world.clock.runUntil(async () => (await person.texts(id).catch((): string[] => [])).includes(text));
  return { world, ana, ben, cleo, reads };
}

const standingOf = (person: ModelPerson, id: ConversationId) =>
  person.client.conversations().find((info) => info.id === id)?.standing ?? 'not listed';
const reasonOf = (error: unknown): string =>
  error instanceof CallRefusedError ? error.reason : `${error as string}`;

describe('a conversation that a stranger began', () => {
  it('is a request: its text is there, and nothing of its reader goes out until it is accepted', async () => {
    const { world, ana, ben, reads } = await strangers(901);
    const heard: string[] = [];
    ana.on('typing', ({ user }) => heard.push(user));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await reads(ben, toBen.id, 'hello');
    const request = ben.client.conversation(toBen.id);
    expect(request.info).toMatchObject({ standing: 'request', addedBy: ana.user, unreadCount: 1 });
    expect(standingOf(ana, toBen.id)).toBe('accepted');
    request.setTyping(true);
    await request.markRead();
    await world.clock.run(30_000);
    expect(heard).toEqual([]);
    expect((await toBen.messages()).map(({ delivery }) => delivery?.kind)).toEqual(['delivered']);
    await ben.client.accept(toBen.id);
    await ben.client.accept(toBen.id);
    request.setTyping(true);
    await world.clock.runUntil(() => heard.length > 0);
    await world.clock.runUntil(async () => (await toBen.messages())[0]?.delivery?.kind === 'read');
    expect(heard).toEqual([ben.user]);
  });

  it('is accepted by writing into it, and so is everything that person begins from then on', async () => {
    const { ana, ben, cleo, reads } = await strangers(902);
    const early = await ana.client.group({ users: [ben.user, cleo.user] });
    await early.send('a group of before');
    await reads(ben, early.id, 'a group of before');
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await reads(ben, toBen.id, 'hello');
    expect([standingOf(ben, early.id), standingOf(ben, toBen.id)]).toEqual(['request', 'request']);
    await ben.client.conversation(toBen.id).send('hello to you');
    expect([standingOf(ben, early.id), standingOf(ben, toBen.id)]).toEqual(['accepted', 'accepted']);
    const late = await ana.client.group({ users: [ben.user, cleo.user] });
    await late.send('a group of after');
    await reads(ben, late.id, 'a group of after');
    await reads(cleo, late.id, 'a group of after');
    expect([standingOf(ben, late.id), standingOf(cleo, late.id)]).toEqual(['accepted', 'request']);
    await reads(ana, toBen.id, 'hello to you');
    expect(standingOf(ana, toBen.id)).toBe('accepted');
  });

  it('is none when its reader had opened an invite of who began it', async () => {
    const { ana, ben, reads } = await strangers(908);
    await ben.client.contacts.openInvite(ana.client.contacts.inviteLink());
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await reads(ben, toBen.id, 'hello');
    expect(standingOf(ben, toBen.id)).toBe('accepted');
  });

  it('that two strangers began with each other at once is accepted by both', async () => {
    const { ana, ben, reads } = await strangers(903);
    ana.goOffline();
    ben.goOffline();
    const [toBen, toAna] = [await ana.client.direct(ben.user), await ben.client.direct(ana.user)];
    await toBen.send('from ana');
    await toAna.send('from ben');
    ana.goOnline();
    ben.goOnline();
    await reads(ana, toBen.id, 'from ben');
    await reads(ben, toAna.id, 'from ana');
    expect([standingOf(ana, toBen.id), standingOf(ben, toBen.id)]).toEqual(['accepted', 'accepted']);
  });

  it('is forgotten here when it is declined, and a request again when they write anew', async () => {
    const { world, ana, ben, reads } = await strangers(904);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('buy this');
    await reads(ben, toBen.id, 'buy this');
    await ben.client.decline({ conversation: toBen.id, block: 'no-block' });
    await ben.client.decline({ conversation: toBen.id, block: 'no-block' });
    expect([standingOf(ben, toBen.id), await ben.texts(toBen.id)]).toEqual(['not listed', []]);
    for (const table of [tables.summaries, tables.messages])
      expect([...(ben.disk.tables.get(table.name)?.keys() ?? [])]).toEqual([]);
    const heard: string[] = [];
    ben.on('message', ({ body }) => heard.push(body.kind));
    await toBen.react((await toBen.messages())[0]!.id, '👍');
    await world.clock.run(30_000);
    expect([standingOf(ben, toBen.id), heard]).toEqual(['not listed', []]);
    await toBen.send('a last offer');
    await reads(ben, toBen.id, 'a last offer');
    expect(await ben.texts(toBen.id)).toEqual(['a last offer']);
    expect([standingOf(ben, toBen.id), heard]).toEqual(['request', ['text']]);
    expect(await ben.marks(toBen.id)).toEqual([]);
    await ben.client.accept(toBen.id);
    await expect(
      ben.client.decline({ conversation: toBen.id, block: 'no-block' }).catch(reasonOf),
    ).resolves.toBe('not-a-request');
  });

  it('is heard of no more when it is declined with a block', async () => {
    const { world, ana, ben, reads } = await strangers(905);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('buy this');
    await reads(ben, toBen.id, 'buy this');
    await ben.client.decline({ conversation: toBen.id, block: 'block' });
    const told = ben.told.length;
    await toBen.send('buy that');
    await world.clock.run(30_000);
    expect([ben.client.conversations(), ben.told.length]).toEqual([[], told]);
    expect(ben.client.contacts.blocked()).toEqual([ana.user]);
  });

  it('is left when it is a declined group, and a request again when somebody adds this person again', async () => {
    const { world, ana, ben, cleo, reads } = await strangers(906);
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('join us');
    await reads(ben, group.id, 'join us');
    await ben.client.decline({ conversation: group.id, block: 'no-block' });
    const told = ben.told.length;
    await world.clock.runUntil(async () => (await group.members()).every(({ user }) => user !== ben.user));
    await group.send('without you');
    await world.clock.run(10_000);
    expect([standingOf(ben, group.id), ben.told.length]).toEqual(['not listed', told]);
    await expect(ben.client.accept(group.id).catch(reasonOf)).resolves.toBe('not-a-request');
    await group.add([ben.user]);
    await group.send('again');
    await reads(ben, group.id, 'again');
    expect(standingOf(ben, group.id)).toBe('request');
    expect(await ben.texts(group.id)).toEqual(['again']);
    expect(ben.faults).toEqual([]);
  });

  it('is a request still when its welcome was unusable and this device had to join by itself', async () => {
    const { world, ana, ben } = await strangers(907);
    for (const key of ben.disk.tables.get('key-packages')?.keys() ?? [])
      ben.disk.tables.get('key-packages')?.delete(key);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.runUntil(
      () => ben.client.conversations().find(({ id }) => id === toBen.id)?.phase === 'active',
    );
    await toBen.send('are you there?');
    await world.clock.run(30_000);
    expect(ben.client.conversation(toBen.id).info).toMatchObject({ standing: 'request', addedBy: null });
    expect(await ben.texts(toBen.id)).toContain('are you there?');
  });
});
