/** What an operator runs after a restore, as the process that it is, against real Postgres; then the store on it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inheritedEnvironment } from '@cipherchat/test-kit';
import { bounds } from '../bounds.js';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newEnvelope,
  newGroup,
  newMember,
  type Replica,
} from '../log-world.fixture.js';

const program = fileURLToPath(new URL('../../dist/restored.js', import.meta.url));
let world: LogWorld;
let store: Replica;

beforeAll(async () => {
  world = await LogWorld.open();
  store = world.replica();
});
afterAll(() => world.close());

function restored(databaseUrl: string) {
  const { status, stdout } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    env: { PATH: inheritedEnvironment()['PATH'], DATABASE_URL: databaseUrl },
  });
  return { status, stdout };
}

/** A way to the database that is shut for the first who come, like that of a pod of which network policies have not heard. */
async function wayTo(databaseUrl: string, { shutFor }: { readonly shutFor: number }) {
  const { hostname, port } = new URL(databaseUrl);
  let came = 0;
  const server = createServer((near) => {
    if (came++ < shutFor) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.on('error', () => to.destroy()).pipe(to);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, came: () => came, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function generation(): Promise<number> {
  return (await world.rows<{ generation: number }>('SELECT generation FROM store_state'))[0]?.generation ?? 0;
}

describe('after a restore', () => {
  it('a conversation is closed until a member anchors it, and says how far its log is the old one', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const group = await newGroup(store, [ana, ben]);
    await append(store, { from: ana, conversation: group, commitSeq: 1 });
    const early = store.commits.commit(
      caller(ana),
      group,
      bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 1 }),
    );
    await expect(early).rejects.toMatchObject({ code: 'request/malformed' });
    const before = await generation();
    const { status, stdout } = restored(world.database.url('message-store'));
    expect({ status, said: stdout.includes('operator.restored') }).toEqual({ status: 0, said: true });
    expect(await generation()).toBeGreaterThan(before);
    const refused = await append(store, { from: ana, conversation: group, commitSeq: 1 });
    expect(refused).toMatchObject([{ outcome: 'closed' }]);
    const commit = bundle({ devices: [ana, ben], commitSeq: 1 });
    await expect(store.commits.commit(caller(ana), group, commit)).rejects.toMatchObject({
      code: 'conversation/closed',
    });
    const stranger = newMember();
    await expect(
      store.commits.commit(
        caller(stranger),
        group,
        bundle({ kind: 'anchor', devices: [stranger], commitSeq: 1 }),
      ),
    ).rejects.toMatchObject({ code: 'conversation/unknown' });
    const anchor = bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 1 });
    expect(await store.commits.commit(caller(ben), group, anchor)).toMatchObject({
      kind: 'accepted',
      seq: 3,
    });
    expect(await store.commits.commit(caller(ben), group, anchor)).toMatchObject({
      kind: 'accepted',
      seq: 3,
    });
    await append(store, { from: ana, conversation: group, commitSeq: 3 });
    const listed = async (since?: number) =>
      (await store.conversations.list(caller(ana), since === undefined ? {} : { since })).conversations.map(
        ({ headSeq, sameUntilSeq }) => ({ headSeq, sameUntilSeq }),
      );
    expect(await listed(before)).toEqual([{ headSeq: 4, sameUntilSeq: 2 }]);
    expect(await listed(await generation())).toEqual([{ headSeq: 4, sameUntilSeq: 4 }]);
  });

  it('one that is begun since has nothing in common with what a device knew under its id', async () => {
    const ana = newMember();
    const before = await generation();
    expect(restored(world.database.url('message-store')).status).toBe(0);
    const group = await newGroup(store, [ana, newMember()]);
    await append(store, { from: ana, conversation: group, commitSeq: 1 });
    const listed = async (since: number) =>
      (await store.conversations.list(caller(ana), { since })).conversations.map(
        ({ headSeq, sameUntilSeq }) => ({ headSeq, sameUntilSeq }),
      );
    expect(await listed(before)).toEqual([{ headSeq: 2, sameUntilSeq: 0 }]);
    expect(await listed(await generation())).toEqual([{ headSeq: 2, sameUntilSeq: 2 }]);
  });

  it('whom an anchor leaves out may anchor, too, a few times; members judge whose group had gone further', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const group = await newGroup(store, [ana, ben]);
    expect(restored(world.database.url('message-store')).status).toBe(0);
    const anchorOf = (sender: typeof ana, devices: readonly (typeof ana)[], commitSeq: number) =>
      store.commits.commit(caller(sender), group, bundle({ kind: 'anchor', devices, commitSeq }), {
        epochSeq: 1,
      });
    let { seq } = await anchorOf(ana, [ana], 1);
    for (let appeal = 0; appeal < bounds.maxAppealsPerStay; appeal++) {
      ({ seq } = await anchorOf(ben, [ana, ben], seq));
      ({ seq } = await anchorOf(ana, [ana], seq));
    }
    await expect(anchorOf(ben, [ana, ben], seq)).rejects.toMatchObject({ code: 'conversation/unknown' });
    const stranger = newMember();
    await expect(anchorOf(stranger, [ana, stranger], seq)).rejects.toMatchObject({
      code: 'conversation/unknown',
    });
  });

  it('a device that asks to be added anew before any anchor does not make the old log look longer', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const group = await newGroup(store, [ana, ben]);
    const before = await generation();
    expect(restored(world.database.url('message-store')).status).toBe(0);
    for (const envelope of [newEnvelope(), newEnvelope()])
      await store.readdRequests.request(caller(ben), group, envelope);
    const anchor = bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 1 });
    expect(await store.commits.commit(caller(ana), group, anchor)).toMatchObject({ seq: 4 });
    const { conversations } = await store.conversations.list(caller(ana), { since: before });
    expect(conversations).toMatchObject([{ headSeq: 4, sameUntilSeq: 1 }]);
  });

  it('the command waits for a database that cannot be reached yet', async () => {
    const way = await wayTo(world.database.url('message-store'), { shutFor: 2 });
    const before = await generation();
    const running = spawn(process.execPath, [program], {
      env: { PATH: inheritedEnvironment()['PATH'], DATABASE_URL: way.url },
    });
    const [code] = (await once(running, 'exit')) as [number];
    await way.close();
    expect(way.came()).toBe(3);
    expect(code).toBe(0);
    expect(await generation()).toBeGreaterThan(before);
  });

  it('the command fails, and says so, where its database refuses it', () => {
    const stranger = new URL(world.database.url('message-store'));
    stranger.password = 'wrong';
    expect(restored(stranger.href).status).toBe(1);
  });
});
