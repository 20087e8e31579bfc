/** Real: Postgres, NATS, Redis, two replicas. Played: auth. Key packages are random bytes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eraseIdentity, keysRoutes, limits, peopleRoutes, subjects, type UserId } from '@cipherchat/protocol';
import { withClient } from '@cipherchat/test-kit';
import {
  keyPackages,
  newId,
  startWorld,
  until,
  type Account,
  type World,
} from '../directory-world.fixture.js';
import { PrismaClient } from '../generated/prisma/client.js';

const suite = 0x004e;
let world: World;
beforeAll(async () => {
  world = await startWorld({ replicas: 2 });
}, 60_000);
afterAll(() => world.stop());

const by = (account: Account) => ({ user: account.user, device: account.devices[0]! });
const block = (account: Account, user: UserId, replica = 0) =>
  world.call(peopleRoutes.block, { by: by(account), path: { user }, replica });
const unblock = (account: Account, user: UserId) =>
  world.call(peopleRoutes.unblock, { by: by(account), path: { user } });
const blockedBy = async (account: Account) =>
  (await world.call(peopleRoutes.listBlocks, { by: by(account) })).body.users;
const claim = (caller: Account, { user }: Account, replica = 0) =>
  world.call(keysRoutes.claimKeyPackages, { by: by(caller), body: { user, suite }, replica });
const stockOf = async (account: Account) =>
  (await world.call(keysRoutes.countKeyPackages, { by: by(account), query: { suite: String(suite) } })).body
    .singleUseCount;

async function stocked(count: number): Promise<Account> {
  const account = await world.registered();
  await world.call(keysRoutes.uploadKeyPackages, {
    by: by(account),
    body: {
      suite,
      singleUse: keyPackages(count, world.clock.nowMs),
      lastResort: keyPackages(1, world.clock.nowMs)[0]!,
    },
  });
  return account;
}

describe('a block', () => {
  it('withholds all key packages from the blocked, from nobody else, and not theirs from who blocks', async () => {
    const [ana, ben, cleo] = [await stocked(3), await stocked(3), await world.registered()];
    expect(await block(ana, ben.user)).toMatchObject({ status: 204 });
    for (const replica of [0, 1])
      expect(await claim(ben, ana, replica)).toMatchObject({ status: 403, code: 'directory/claim-refused' });
    expect(await stockOf(ana)).toBe(3);
    expect((await claim(cleo, ana)).body.claimed).toHaveLength(1);
    expect((await claim(ana, ben)).body.claimed).toHaveLength(1);
  });

  it('is done once when it is sent twice, and undone, also when there is none', async () => {
    const [ana, ben] = [await stocked(1), await world.registered()];
    await Promise.all([block(ana, ben.user, 0), block(ana, ben.user, 1)]);
    expect(await blockedBy(ana)).toEqual([ben.user]);
    expect(await blockedBy(ben)).toEqual([]);
    for (let times = 0; times < 2; times++)
      expect(await unblock(ana, ben.user)).toMatchObject({ status: 204 });
    expect(await blockedBy(ana)).toEqual([]);
    expect((await claim(ben, ana)).body.claimed).toHaveLength(1);
  });

  it('of two who block each other at once is both', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    const outcomes = await Promise.all([block(ana, ben.user, 0), block(ben, ana.user, 1)]);
    expect(outcomes.map(({ status }) => status)).toEqual([204, 204]);
    expect([await blockedBy(ana), await blockedBy(ben)]).toEqual([[ben.user], [ana.user]]);
  });

  it('is refused of oneself, of nobody, and of what is no id', async () => {
    const ana = await world.registered();
    expect(await block(ana, ana.user)).toMatchObject({ status: 400, code: 'request/malformed' });
    expect(await block(ana, newId<UserId>())).toMatchObject({ status: 404, code: 'directory/user-unknown' });
    expect((await block(ana, 'everybody' as UserId)).status).toBeGreaterThanOrEqual(400);
    expect(await blockedBy(ana)).toEqual([]);
  });

  it('goes with either account', async () => {
    const [ana, ben, cleo] = [await world.registered(), await world.registered(), await world.registered()];
    await block(ana, ben.user);
    await block(cleo, ana.user);
    const erase = (user: UserId) =>
      world.command({ subject: subjects.eraseIdentity, question: eraseIdentity, body: { user } });
    expect((await erase(ben.user)).problem).toBe('');
    expect(await blockedBy(ana)).toEqual([]);
    expect((await erase(ana.user)).problem).toBe('');
    expect(await blockedBy(cleo)).toEqual([]);
    expect(
      await world.services[0]!.application.get(PrismaClient).block.count({ where: { userId: ana.user } }),
    ).toBe(0);
  });

  it('beyond the limit is refused, also from two replicas at once', async () => {
    const [ana, ben, cleo] = [await world.registered(), await world.registered(), await world.registered()];
    // As many people as one account may block, but for one, made in the database: registering them takes minutes.
    await withClient(world.database.adminUrl, async (client) => {
      await client.query(
        `with made as (
           insert into directory.manifests (user_id, account_key, version, manifest)
           select gen_random_uuid(), '\\x${'00'.repeat(32)}'::bytea, 1, ''::bytea from generate_series(1, $1)
           returning user_id)
         insert into directory.blocks (user_id, blocked_user_id) select $2::uuid, user_id from made`,
        [limits.maxBlocksPerUser - 1, ana.user],
      );
    });
    const outcomes = await Promise.all([block(ana, ben.user, 0), block(ana, cleo.user, 1)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(outcomes.find(({ status }) => status === 409)).toMatchObject({
      code: 'directory/too-many-blocks',
      body: { max: limits.maxBlocksPerUser },
    });
    expect(await blockedBy(ana)).toHaveLength(limits.maxBlocksPerUser);
  });
});

describe('a claim that races with a block', () => {
  it('hands out nothing once the block was answered, though it had begun before', async () => {
    const [ana, ben] = [await stocked(3), await world.registered()];
    await withClient(world.database.adminUrl, async (client) => {
      // The claim is held where it takes: between its first look at the blocks and its last.
      await client.query('begin');
      await client.query('lock table directory.key_packages in access exclusive mode');
      const claiming = claim(ben, ana);
      await until(async () => {
        const { rows } = await client.query<{ waiting: string }>(
          'select count(*) as waiting from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))',
        );
        return Number(rows[0]?.waiting) > 0;
      });
      expect(await block(ana, ben.user, 1)).toMatchObject({ status: 204 });
      await client.query('commit');
      expect(await claiming).toMatchObject({ status: 403, code: 'directory/claim-refused' });
    });
  });

  it('is served or refused as a whole, and every later one is refused and takes nothing', async () => {
    const ana = await stocked(20);
    const others = await Promise.all(Array.from({ length: 8 }, () => world.registered()));
    for (const other of others) {
      const racing = [claim(other, ana, 0), block(ana, other.user, 1), claim(other, ana, 1)] as const;
      const [first, blocked, second] = await Promise.all(racing);
      expect(blocked.status).toBe(204);
      for (const answer of [first, second])
        expect(answer.code === null ? answer.body.claimed.length : answer.code).toEqual(
          answer.code === null ? 1 : 'directory/claim-refused',
        );
      const stock = await stockOf(ana);
      for (const replica of [0, 1])
        expect((await claim(other, ana, replica)).code).toBe('directory/claim-refused');
      expect(await stockOf(ana)).toBe(stock);
    }
  });
});
