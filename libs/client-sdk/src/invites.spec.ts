/** Invites. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { inviteLink, InviteRefusedError } from './index.js';
import { announceManifest, handOutAnotherAccount } from './testing/changed-account.js';
import { ModelWorld } from './testing/model-world.js';

async function two(seed: number) {
  const world = new ModelWorld({ seed });
  return { world, ana: await world.person('ana'), ben: await world.person('ben') };
}

const reasonOf = (error: unknown): string =>
  error instanceof InviteRefusedError ? error.reason : `${error as string}`;

describe('an invite', () => {
  it('leads to the person who made it, also when it is opened without a network and twice', async () => {
    const { world, ana, ben } = await two(301);
    const link = ben.client.contacts.inviteLink();
    ana.goOffline();
    expect(await ana.client.contacts.openInvite(link)).toBe(ben.user);
    expect(await ana.client.contacts.openInvite(` ${link}\n`)).toBe(ben.user);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    ana.goOnline();
    await world.clock.runUntil(async () =>
      (await ben.texts(toBen.id).catch((): string[] => [])).includes('hello'),
    );
    expect(await ana.client.safetyNumber(ben.user)).toEqual(await ben.client.safetyNumber(ana.user));
  });

  it('gives the key: a server that names another one at the first contact is found out, and nothing is sent', async () => {
    const { world, ana, ben } = await two(302);
    handOutAnotherAccount(world, ben.user);
    await ana.client.contacts.openInvite(ben.client.contacts.inviteLink());
    const alarms: string[] = [];
    ana.on('alarm', ({ user, reason }) => alarms.push(`${user} ${reason}`));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('for whom?');
    await world.clock.run(60_000);
    expect((await toBen.messages()).at(-1)?.delivery?.kind).toBe('failed');
    expect(alarms).toEqual([`${ben.user} account-key-changed`]);
    expect(ben.client.conversations()).toEqual([]);
  });

  it('takes the place of no key that is known', async () => {
    const { world, ana, ben } = await two(303);
    const { digits } = await world.waitFor(ana.client.safetyNumber(ben.user));
    const { serverUrl } = ben.client.self;
    const forged = inviteLink({
      serverUrl,
      user: ben.user,
      accountKey: new Uint8Array(32).fill(9),
      token: null,
    });
    await expect(ana.client.contacts.openInvite(forged).catch(reasonOf)).resolves.toBe('key-differs');
    expect((await ana.client.safetyNumber(ben.user)).digits).toBe(digits);
    expect(await ana.client.offeredSafetyNumber(ben.user)).toBeNull();
    // Nor does it end an alarm about another key.
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.runUntil(() => ben.client.conversations().length === 1);
    handOutAnotherAccount(world, ben.user);
    announceManifest(world, ben.user);
    await world.clock.run(5_000);
    await ana.client.contacts.openInvite(ben.client.contacts.inviteLink());
    expect(await ana.client.offeredSafetyNumber(ben.user)).not.toBeNull();
  });

  it('is kept over a crash once it was taken', async () => {
    const { world, ana, ben } = await two(304);
    await ana.client.contacts.openInvite(ben.client.contacts.inviteLink());
    ana.crash();
    handOutAnotherAccount(world, ben.user);
    await ana.restart();
    expect((await ana.client.safetyNumber(ben.user)).digits).toBe(
      (await world.waitFor(ben.client.safetyNumber(ana.user))).digits,
    );
  });

  it('is not taken when it is our own, of another server, of a newer build, or none', async () => {
    const { ana, ben } = await two(305);
    const { user } = ben;
    const elsewhere = inviteLink({
      serverUrl: 'https://other.test',
      user,
      accountKey: new Uint8Array(32),
      token: null,
    });
    const links = [
      ana.client.contacts.inviteLink(),
      elsewhere,
      'http://model.test/invite#AgAA',
      'http://model.test/invite#AQAA',
      'hello',
    ];
    const outcomes = await Promise.all(
      links.map((link) => ana.client.contacts.openInvite(link).catch(reasonOf)),
    );
    expect(outcomes).toEqual(['own', 'other-server', 'newer-version', 'malformed', 'malformed']);
  });
});
