/** Invites that let their holders in. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { inviteLink, readInviteLink } from './index.js';
import { tables } from './state/tables.js';
import { MaliciousMember } from './testing/malicious-member.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

/** Strangers, who accept nobody by themselves; ana has handed out a link with a token. */
async function invited(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben, cleo] = [
    await world.person('ana', 'kept'),
    await world.person('ben', 'kept'),
    await world.person('cleo', 'kept'),
  ];
  const { link } = await ana.client.contacts.inviteLinkWithToken();
  const reads = (person: ModelPerson, id: ConversationId, text: string): Promise<void> =>
    world.clock.runUntil(async () => (await person.texts(id).catch((): string[] => [])).includes(text));
  const writesTo = async (guest: ModelPerson, host: ModelPerson, text: string): Promise<ConversationId> => {
    const conversation = await guest.client.direct(host.user);
    await conversation.send(text);
    await reads(host, conversation.id, text);
    return conversation.id;
  };
  return { world, ana, ben, cleo, link, reads, writesTo };
}

const standingOf = (person: ModelPerson, id: ConversationId): string =>
  person.client.conversations().find((info) => info.id === id)?.standing ?? 'not listed';
const usesLeft = async ({ client }: ModelPerson): Promise<number> =>
  (await client.contacts.inviteLinkWithToken()).usesLeft;
const tokenOf = (link: string): Uint8Array => {
  const read = readInviteLink(link);
  if (read.kind !== 'person' || read.token === null) throw new Error('there is no token in it');
  return read.token;
};

describe('an invite with a token', () => {
  it('makes who opens it and writes a contact at once, without a question, and both are to each other', async () => {
    const { world, ana, ben, link, writesTo } = await invited(311);
    const asked: string[] = [];
    ana.on('message', ({ conversation, body }) =>
      asked.push(`${body.kind} ${standingOf(ana, conversation)}`),
    );
    await ben.client.contacts.openInvite(link);
    const id = await writesTo(ben, ana, 'you gave me your link');
    expect([standingOf(ana, id), standingOf(ben, id)]).toEqual(['accepted', 'accepted']);
    // Before the text was told: nobody is called for a request.
    expect(asked).toEqual(['text accepted']);
    expect(await ana.texts(id)).toEqual(['you gave me your link']);
    expect([await ana.client.contacts.list(), await ben.client.contacts.list()]).toEqual([
      [ben.user],
      [ana.user],
    ]);
    expect(await usesLeft(ana)).toBe(49);
    // What else they begin is no request either.
    const group = await ben.client.group({ users: [ana.user] });
    await world.clock.runUntil(() => standingOf(ana, group.id) === 'accepted');
  });

  it('is the same for a week, and works for those who have it, over crashes of either and without a network', async () => {
    const { ana, ben, link, writesTo } = await invited(312);
    ana.crash();
    await ana.restart();
    expect((await ana.client.contacts.inviteLinkWithToken()).link).toBe(link);
    ben.goOffline();
    await ben.client.contacts.openInvite(link);
    await ben.client.contacts.openInvite(link);
    await ben.client.direct(ana.user);
    await ben.client.contacts.openInvite(link);
    ben.crash();
    await ben.restart();
    const id = await writesTo(ben, ana, 'hello');
    expect([standingOf(ana, id), await usesLeft(ana)]).toEqual(['accepted', 49]);
    // Said once.
    const rows = [...ben.disk.tables.get('messages')!.values()].map((row) => tables.messages.decode(row));
    expect(rows.map(({ body }) => body.kind)).toEqual(['introduction', 'text']);
  });

  it('leaves nothing of the token with who opened it, nor with the server, and its proof only until it was sent', async () => {
    const { world, ana, ben, link, writesTo } = await invited(313);
    const everything = ({ disk }: ModelPerson): string =>
      [...disk.tables.values()]
        .flatMap((rows) => [...rows.values()].map((row) => Buffer.from(row).toString()))
        .join();
    const token = Buffer.from(tokenOf(link));
    const spelled = [token.toString('base64'), token.toString('base64url'), token.toString('hex')];
    const holds = (text: string): boolean => spelled.some((each) => text.includes(each.replace(/=+$/, '')));
    // It would be found: who made it has it.
    expect(holds(everything(ana))).toBe(true);
    await ben.client.contacts.openInvite(link);
    const contact = () => tables.contacts.decode(ben.disk.tables.get('contacts')!.get(ana.user)!);
    expect(contact().introduction).toHaveLength(16);
    const id = await writesTo(ben, ana, 'hello');
    await world.clock.run(5_000);
    expect([standingOf(ana, id), contact().introduction, holds(everything(ben))]).toEqual([
      'accepted',
      null,
      false,
    ]);
    const { log } = new MaliciousMember(world, ben, id);
    expect(
      holds(JSON.stringify(log.entries.map(({ ciphertext }) => Buffer.from(ciphertext).toString()))),
    ).toBe(false);
  });

  it('lets nobody in after a reset, whoever has it; the next one does, and who came by it before stays', async () => {
    const { ana, ben, cleo, link, writesTo } = await invited(314);
    await ben.client.contacts.openInvite(link);
    const early = await writesTo(ben, ana, 'in time');
    expect(await ana.client.contacts.hasInviteTokens()).toBe(true);
    await ana.client.contacts.resetInviteTokens();
    await ana.client.contacts.resetInviteTokens();
    expect(await ana.client.contacts.hasInviteTokens()).toBe(false);
    await cleo.client.contacts.openInvite(link);
    const late = await writesTo(cleo, ana, 'too late');
    expect([standingOf(ana, early), standingOf(ana, late)]).toEqual(['accepted', 'request']);
    const { link: next } = await ana.client.contacts.inviteLinkWithToken();
    expect(next).not.toBe(link);
    await cleo.client.contacts.openInvite(next);
    await writesTo(cleo, ana, 'with the new one');
    expect([standingOf(ana, late), await usesLeft(ana)]).toEqual(['accepted', 49]);
  });

  it('was reset while what was sent by it was on its way: it is a request', async () => {
    const { world, ana, ben, link, reads } = await invited(315);
    ana.goOffline();
    await ben.client.contacts.openInvite(link);
    const toAna = await ben.client.direct(ana.user);
    await toAna.send('hello');
    await world.clock.run(10_000);
    await ana.client.contacts.resetInviteTokens();
    ana.goOnline();
    await reads(ana, toAna.id, 'hello');
    expect(standingOf(ana, toAna.id)).toBe('request');
  });

  it('lets nobody in when it is older than thirty days, also by a clock that was set back meanwhile', async () => {
    const { world, ana, ben, cleo, link, writesTo } = await invited(316);
    const dayMs = 24 * 60 * 60 * 1_000;
    ana.clockOffsetMs = 29 * dayMs;
    await ben.client.contacts.openInvite(link);
    expect(standingOf(ana, await writesTo(ben, ana, 'just in time'))).toBe('accepted');
    // Two days more pass, on a clock that was set back by two.
    ana.clockOffsetMs = 27 * dayMs;
    const { link: next, endsAtMs } = await ana.client.contacts.inviteLinkWithToken();
    expect(next).not.toBe(link);
    expect(endsAtMs - (world.clock.nowMs() + ana.clockOffsetMs)).toBe(30 * dayMs);
    ana.clockOffsetMs = 29 * dayMs;
    await cleo.client.contacts.openInvite(link);
    expect(standingOf(ana, await writesTo(cleo, ana, 'too late'))).toBe('request');
    // Made by a clock that was a year ahead, it does not work for a year.
    await ana.client.contacts.resetInviteTokens();
    ana.clockOffsetMs = 400 * dayMs;
    await ana.client.contacts.inviteLinkWithToken();
    ana.clockOffsetMs = 31 * dayMs;
    await ana.client.contacts.inviteLinkWithToken();
    ana.clockOffsetMs = 61 * dayMs;
    expect(await ana.client.contacts.hasInviteTokens()).toBe(false);
  });

  it('accepts a request that waits, and one that was declined, when it is opened', async () => {
    const { world, ana, ben, cleo, link, writesTo } = await invited(317);
    const [waiting, declined] = [await writesTo(ben, ana, 'hello'), await writesTo(cleo, ana, 'hello')];
    await ana.client.decline({ conversation: declined, block: 'no-block' });
    expect([standingOf(ana, waiting), standingOf(ana, declined)]).toEqual(['request', 'not listed']);
    await ben.client.contacts.openInvite(link);
    await cleo.client.contacts.openInvite(link);
    await world.clock.runUntil(() => standingOf(ana, waiting) === 'accepted');
    await world.clock.runUntil(() => standingOf(ana, declined) === 'accepted');
    expect([await ana.texts(waiting), await ana.texts(declined)]).toEqual([['hello'], []]);
  });

  it('does not let in who is blocked, until they are not and open it again', async () => {
    const { world, ana, ben, link, writesTo } = await invited(318);
    const id = await writesTo(ben, ana, 'hello');
    await ana.client.contacts.block(ben.user);
    await ben.client.contacts.openInvite(link);
    await world.clock.run(10_000);
    await ana.client.contacts.unblock(ben.user);
    await world.clock.run(10_000);
    expect([standingOf(ana, id), await usesLeft(ana)]).toEqual(['request', 50]);
    await ben.client.contacts.openInvite(link);
    await world.clock.runUntil(() => standingOf(ana, id) === 'accepted');
  });

  it('is shown again by who could not be taken at first', async () => {
    const { world, ana, ben, link, writesTo } = await invited(319);
    await ana.client.contacts.block(ben.user);
    await world.waitFor(ana.client.contacts.tellServer());
    await ben.client.contacts.openInvite(link);
    const refused: string[] = [];
    ben.on('action-failed', ({ failure }) => refused.push(failure));
    await (await ben.client.direct(ana.user)).send('not taken');
    await world.clock.runUntil(() => refused.length > 0);
    await ana.client.contacts.unblock(ben.user);
    await world.waitFor(ana.client.contacts.tellServer());
    expect(standingOf(ana, await writesTo(ben, ana, 'taken'))).toBe('accepted');
    expect(refused).toEqual(['not-accepted']);
  });

  it('is no way in for who saw its proof, nor in a group, nor for who guesses', async () => {
    const { world, ana, ben, cleo, link, writesTo } = await invited(320);
    const fromCleo = await writesTo(cleo, ana, 'hello');
    const group = await cleo.client.group({ users: [ana.user, ben.user] });
    await group.send('join us');
    await world.clock.runUntil(() => standingOf(ana, group.id) === 'request');
    await ben.client.contacts.openInvite(link);
    const proof = tables.contacts.decode(ben.disk.tables.get('contacts')!.get(ana.user)!).introduction!;
    await world.clock.run(5_000);
    const bens = await ben.client.group({ users: [ana.user] });
    await bens.send('join us, too');
    await world.clock.runUntil(() => standingOf(ana, bens.id) === 'request');
    await world.clock.run(5_000);
    const inGroup = new MaliciousMember(world, ben, bens.id).takeOver();
    inGroup.sendBody({ counter: 2, body: { kind: 'introduction', proof } });
    const inDirect = new MaliciousMember(world, cleo, fromCleo).takeOver();
    for (const [index, shown] of [proof, proof.subarray(0, 8), new Uint8Array(0), tokenOf(link)].entries())
      inDirect.sendBody({ counter: 2 + index, body: { kind: 'introduction', proof: shown } });
    await world.clock.run(5_000);
    const standings = [fromCleo, group.id, bens.id].map((id) => standingOf(ana, id));
    expect([standings, await usesLeft(ana)]).toEqual([['request', 'request', 'request'], 50]);
    expect([ana.faults, await ana.marks(fromCleo)]).toEqual([[], []]);
  });

  it('of another token than any that was handed out is an ordinary request', async () => {
    const { ana, ben, link, writesTo } = await invited(321);
    const read = readInviteLink(link);
    if (read.kind !== 'person') throw new Error('no link');
    const forged = inviteLink({ ...read, token: new Uint8Array(16).fill(7) });
    await ben.client.contacts.openInvite(forged);
    expect(standingOf(ana, await writesTo(ben, ana, 'hello'))).toBe('request');
    expect(await usesLeft(ana)).toBe(50);
  });

  it('is opened by both of two people at once, and they have one conversation that both want', async () => {
    const { world, ana, ben, link } = await invited(322);
    const { link: bens } = await ben.client.contacts.inviteLinkWithToken();
    ana.goOffline();
    ben.goOffline();
    await ben.client.contacts.openInvite(link);
    await ana.client.contacts.openInvite(bens);
    const [toAna, toBen] = [await ben.client.direct(ana.user), await ana.client.direct(ben.user)];
    await toAna.send('from ben');
    await toBen.send('from ana');
    ana.goOnline();
    ben.goOnline();
    await world.clock.runUntil(async () => (await ana.texts(toBen.id)).length === 2);
    await world.clock.runUntil(async () => (await ben.texts(toAna.id)).length === 2);
    expect([standingOf(ana, toBen.id), standingOf(ben, toAna.id)]).toEqual(['accepted', 'accepted']);
    expect([ana.faults, ben.faults]).toEqual([[], []]);
  });
});
