/** Real: clients with OpenMLS on SQLite, all services, Postgres, NATS, Redis. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { until, World, type WorldUser } from './testing/world.js';

const storyMs = 90_000;
let world: World;
beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(() => world?.stop(), 30_000);

async function reads(
  person: WorldUser,
  conversation: ConversationId,
  texts: readonly string[],
): Promise<void> {
  await until(`${person.username} reads ${texts.join()}`, async () => {
    const found = await person.texts(conversation);
    return found.length >= texts.length;
  });
  expect(await person.texts(conversation)).toEqual(texts);
}

describe('who lost their device, on real services', () => {
  it(
    'comes back by the recovery key: to every conversation, with the same safety number, and the lost device is out',
    async () => {
      const [ana, ben, cleo] = [await world.user('ana'), await world.user('ben'), await world.user('cleo')];
      const toBen = await ana.client.direct(ben.user);
      const group = await ana.client.group({ users: [ben.user, cleo.user], name: 'three' });
      await toBen.send('before');
      await group.send('before, to all');
      await reads(ben, toBen.id, ['before']);
      await reads(cleo, group.id, ['before, to all']);
      const key = await ana.client.recovery.newKey();
      await ana.client.recovery.confirm(key);
      const [lost, number] = [ana.client.self.device, await ben.client.safetyNumber(ana.user)];
      await ana.stop();

      await expect(world.recovered(ana, await ben.client.recovery.newKey())).rejects.toMatchObject({
        name: 'RecoveryRefusedError',
        reason: 'unknown',
      });
      const again = await world.recovered(ana, key);
      for (const { id } of [toBen, group])
        await until(`is in ${id}`, () =>
          again.client.conversations().some((each) => each.id === id && each.phase === 'active'),
        );
      await again.client.conversation(toBen.id).send('I am back');
      await ben.client.conversation(group.id).send('welcome');
      await reads(ben, toBen.id, ['before', 'I am back']);
      await reads(again, group.id, ['welcome']);
      await reads(cleo, group.id, ['before, to all', 'welcome']);
      for (const person of [again, ben])
        for (const { id } of [toBen, group])
          await until(`${person.username} sees the lost device go`, async () =>
            (await person.client.conversation(id).members()).every(({ device }) => device !== lost),
          );
      expect(await ben.client.safetyNumber(again.user)).toEqual(number);
      await until('the lost device is revoked', async () =>
        (await again.client.account.devices()).some(
          ({ device, revokedAtMs }) => device === lost && revokedAtMs !== null,
        ),
      );
      await ana.restart();
      await until('the lost device is told', () => ana.client.connection.kind === 'stopped');
      expect(ana.client.connection).toEqual({ kind: 'stopped', reason: 'device-revoked' });
      for (const person of [again, ben, cleo]) expect(person.faults).toEqual([]);
    },
    storyMs,
  );
});
