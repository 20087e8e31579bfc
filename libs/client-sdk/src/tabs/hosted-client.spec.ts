/** The client in tabs. Real: the client, host and views. Faked: the engine, the services, channel and lock, time. */
import { describe, expect, it } from '@jest/globals';
import { idFromRandom, type ConversationId, type MessageId } from '@cipherchat/protocol';
import { tables } from '../state/tables.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { StoreLockedError, type Store, type StoreLock } from '../store/store.js';
import { createFakeEngine } from '../testing/fake-engine.js';
import { ModelWorld } from '../testing/model-world.js';
import { TabWorld, type Tab } from '../testing/tab-world.js';
import type { ClientCalls, ClientStatus } from './hosted-client.js';
import { openHosted } from './open-hosted.js';
import type { TabView } from './tab-view.js';

/** The tabs of ana's browser, beside ben, who has a client of the usual kind. */
async function browser(seed: number) {
  const world = new ModelWorld({ seed });
  const ben = await world.person('ben');
  const disk = createMemoryDisk();
  const engine = createFakeEngine({ universe: world.universe, random: world.random });
  /** What locks the disk, as IndexedDB would be locked (`indexed-db-lock.browser.spec.ts`). */
  let locked: Parameters<StoreLock['set']>[0] | null = null;
  const lock: StoreLock = {
    hint: () => (locked === null ? null : { credential: locked.credential, salt: locked.salt }),
    set: (by) => Promise.resolve(void (locked = by)),
    remove: () => Promise.resolve(void (locked = null)),
  };
  /** How the disk answers who reads all conversations. */
  const rest = { wait: Promise.resolve(), failures: 0 };
  const scanOf =
    ({ scan }: Store): Store['scan'] =>
    async (query) => {
      if (query.table === tables.conversations.name) {
        await rest.wait;
        if (rest.failures-- > 0) throw new Error('the disk failed');
      }
      return scan(query);
    };
  const tabs = new TabWorld(seed, {
    clock: world.clock,
    open: (tab) =>
      openHosted((secret) => {
        if (locked !== null && secret?.[0] !== locked.secret[0]) {
          const erase = (): Promise<void> => {
            locked = null;
            return createMemoryStore(disk).erase();
          };
          const reason = secret === undefined ? 'locked' : 'wrong-secret';
          const { credential, salt } = locked;
          return Promise.reject(new StoreLockedError(reason, { hint: { credential, salt }, erase }));
        }
        const { http, socket } = world.network.portsFor(tab);
        const store = createMemoryStore(disk);
        const never = <Result>(): Promise<Result> => new Promise<Result>(() => undefined);
        return Promise.resolve({
          engine,
          random: world.random,
          http,
          socket,
          clock: {
            nowMs: world.clock.nowMs,
            setTimer: (callback, delayMs) => world.clock.setTimer(() => tab.isAlive && callback(), delayMs),
          },
          store: {
            ...store,
            lock,
            scan: scanOf(store),
            write: (batch) => (tab.isAlive ? store.write(batch) : never()),
          },
        });
      }),
  });
  const kill = (tab: Tab): void => {
    tabs.kill(tab);
    world.network.cutOff(tab);
  };
  const newId = <Id extends string>(): Id => idFromRandom<Id>(world.random);
  return { world, ben, tabs, kill, newId, disk, rest };
}

const viewOf = (tab: Tab): TabView<ClientCalls> => tab.view as unknown as TabView<ClientCalls>;

async function register(world: ModelWorld, tab: Tab): Promise<ClientStatus> {
  return world.waitFor(viewOf(tab).call('register', { serverUrl: 'http://model.test', username: 'ana' }));
}

describe('the client in the tabs of a browser', () => {
  it('is empty until one of them registers, and then is the same in all', async () => {
    const { world, tabs } = await browser(1);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    expect(await world.waitFor(viewOf(second).call('status', undefined))).toEqual({ kind: 'empty' });
    const registered = await register(world, second);
    expect(registered).toMatchObject({ kind: 'open', self: { username: 'ana' } });
    expect(await register(world, first)).toMatchObject({ self: (registered as { self: unknown }).self });
    const refused = world.waitFor(viewOf(first).call('findUser', { username: 'nobody' }));
    await expect(refused).rejects.toMatchObject({ code: 'directory/user-unknown' });
  });

  it('neither loses nor repeats what is sent while the hosting tab dies, at whatever moment', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { world, ben, tabs, kill, newId } = await browser(seed);
      const [first, second] = [tabs.openTab(), tabs.openTab()];
      await register(world, second);
      const { id: conversation } = await world.waitFor(viewOf(second).call('direct', { user: ben.user }));
      const group = newId<ConversationId>();
      const made = viewOf(second).call('group', { id: group, users: [ben.user], name: 'both' });
      const texts = ['one', 'two', 'three'];
      const sent = Promise.all(
        texts.map((text) => viewOf(second).call('send', { conversation, message: newId<MessageId>(), text })),
      );
      await world.clock.run(tabs.chance(60));
      kill(first);
      expect((await world.waitFor(sent)).map(({ body }) => body)).toEqual(
        texts.map((text) => ({ kind: 'text', text })),
      );
      expect((await world.waitFor(made)).id).toBe(group);
      await world.clock.runUntil(
        async () =>
          ben.client.conversations().some(({ name }) => name === 'both') &&
          (await ben.texts(conversation).catch((): readonly string[] => [])).length === 3,
      );
      await world.clock.run(60_000);
      expect([seed, await ben.texts(conversation)]).toEqual([seed, texts]);
      expect([seed, ben.client.conversations().length]).toEqual([seed, 2]);
      expect([seed, world.universe.violations]).toEqual([seed, []]);
    }
  }, 60_000);

  it('show one draft, which is gone with its message, whenever the hosting tab dies', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { world, ben, tabs, kill, newId, disk } = await browser(seed);
      const [first, second] = [tabs.openTab(), tabs.openTab()];
      await register(world, second);
      const { id: conversation } = await world.waitFor(viewOf(second).call('direct', { user: ben.user }));
      const message = newId<MessageId>();
      const draft = { kind: 'message', message, text: 'hel', replyTo: null } as const;
      await world.waitFor(viewOf(second).call('setDraft', { conversation, draft }));
      const told = JSON.stringify({ type: 'draft', data: { conversation, draft } });
      const isTold = (tab: Tab) => tab.told.some((event) => JSON.stringify(event) === told);
      await world.clock.runUntil(() => isTold(first) && isTold(second));
      const kept = viewOf(second).call('setDraft', { conversation, draft: { ...draft, text: 'hello' } });
      const sent = viewOf(second).call('send', { conversation, message, text: 'hello' });
      await world.clock.run(tabs.chance(60));
      kill(first);
      await world.waitFor(Promise.all([kept, sent]));
      expect(await world.waitFor(viewOf(second).call('draft', { conversation }))).toBeNull();
      expect(disk.tables.get('drafts')?.size).toBe(0);
      await world.clock.runUntil(async () => (await ben.texts(conversation).catch(() => [])).length === 1);
    }
  }, 60_000);

  it('come back by a recovery key to one device, whenever the hosting tab dies', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { world, ben, tabs, kill } = await browser(seed);
      const ana = await world.person('ana');
      const toBen = await ana.client.direct(ben.user);
      const recoveryKey = await world.waitFor(ana.client.recovery.newKey());
      await world.waitFor(ana.client.recovery.confirm(recoveryKey));
      await world.clock.runUntil(() => ben.client.conversations().length === 1);
      ana.crash();
      const [first, second] = [tabs.openTab(), tabs.openTab()];
      const request = { serverUrl: 'http://model.test', username: 'ana', recoveryKey };
      const wrong = viewOf(second).call('recover', { ...request, username: 'ben' });
      await expect(world.waitFor(wrong)).rejects.toMatchObject({
        name: 'RecoveryRefusedError',
        reason: 'unknown',
      });
      // Two tabs ask for it at once, and the one that hosts is gone.
      const asked = [first, second].map((tab) => viewOf(tab).call('recover', request));
      await world.clock.run(tabs.chance(60));
      kill(first);
      const status = await world.waitFor(asked[1]!);
      expect(status).toMatchObject({ kind: 'open', recovery: 'set', self: { username: 'ana' } });
      await world.clock.runUntil(async () => {
        const listed = await world.waitFor(viewOf(second).call('conversations', undefined));
        return listed.some(({ id, phase }) => id === toBen.id && phase === 'active');
      });
      await world.clock.run(60_000);
      const members = await ben.client.conversation(toBen.id).members();
      expect([seed, members.filter(({ user }) => user !== ben.user).map(({ device }) => device)]).toEqual([
        seed,
        [status.kind === 'open' ? status.self.device : null],
      ]);
    }
  }, 60_000);

  it('are all told that one of them signed out, and are empty, whenever the hosting tab dies', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { world, tabs, kill, disk } = await browser(seed);
      const [first, second] = [tabs.openTab(), tabs.openTab()];
      await register(world, first);
      const signedOut = viewOf(second).call('signOut', undefined);
      await world.clock.run(tabs.chance(80));
      kill(first);
      expect(['told', 'not-told']).toContain((await world.waitFor(signedOut)).server);
      const status = () => world.waitFor(viewOf(second).call('status', undefined));
      await world.clock.runUntil(async () => (await status()).kind === 'empty');
      expect([...disk.tables.values()].every((table) => table.size === 0)).toBe(true);
      await expect(world.waitFor(viewOf(second).call('conversations', undefined))).rejects.toMatchObject({
        name: 'NoProfileError',
      });
      // And are somebody else.
      const next = viewOf(second).call('register', { serverUrl: 'http://model.test', username: 'cleo' });
      expect(await world.waitFor(next)).toMatchObject({ kind: 'open', self: { username: 'cleo' } });
    }
  }, 60_000);

  it('are shown what a list begins with while the rest is read, and all else is done when it is there', async () => {
    const { world, ben, tabs, kill, newId, rest } = await browser(1);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    await register(world, first);
    const { id: conversation } = await world.waitFor(viewOf(first).call('direct', { user: ben.user }));
    const send = (tab: Tab, text: string) =>
      viewOf(tab).call('send', { conversation, message: newId<MessageId>(), text });
    await world.waitFor(send(first, 'one'));
    await world.waitFor(viewOf(first).call('people', { users: [ben.user] }));
    const held = Promise.withResolvers<void>();
    rest.wait = held.promise;
    kill(first);
    const done: string[] = [];
    const sent = send(second, 'two').then(() => done.push('sent'));
    const listed = viewOf(second)
      .call('conversations', undefined)
      .then((all) => done.push(`listed ${all.length}`));
    const front = await world.waitFor(viewOf(second).call('front', undefined));
    expect(front).toMatchObject([{ id: conversation, lastMessage: { body: { text: 'one' } } }]);
    expect(await world.waitFor(viewOf(second).call('status', undefined))).toMatchObject({ kind: 'open' });
    const people = await world.waitFor(viewOf(second).call('people', { users: [ben.user] }));
    expect(people).toMatchObject([{ user: ben.user, username: 'ben' }]);
    const page = await world.waitFor(viewOf(second).call('page', { conversation }));
    expect(page.messages).toMatchObject([{ body: { text: 'one' } }]);
    await world.clock.run(2_000);
    expect(done).toEqual([]);
    held.resolve();
    await world.waitFor(Promise.all([sent, listed]));
    expect(done.toSorted()).toEqual(['listed 1', 'sent']);
    await world.clock.runUntil(async () => (await ben.texts(conversation).catch(() => [])).length === 2);
    expect(second.failed).toEqual([]);
  });

  it('wait for the next attempt where the rest cannot be read', async () => {
    const { world, ben, tabs, kill, rest } = await browser(2);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    await register(world, first);
    await world.waitFor(viewOf(first).call('direct', { user: ben.user }));
    rest.failures = 2;
    kill(first);
    expect(await world.waitFor(viewOf(second).call('conversations', undefined))).toHaveLength(1);
    expect(second.failed.map(({ message }) => message)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('the disk failed')),
    );
  });

  it('can be left while the rest is read', async () => {
    const { world, ben, tabs, kill, disk, rest } = await browser(3);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    await register(world, first);
    await world.waitFor(viewOf(first).call('direct', { user: ben.user }));
    const held = Promise.withResolvers<void>();
    rest.wait = held.promise;
    kill(first);
    expect(await world.waitFor(viewOf(second).call('front', undefined))).toHaveLength(1);
    const signedOut = viewOf(second).call('signOut', undefined);
    await world.waitFor(signedOut);
    rest.wait = Promise.resolve();
    held.resolve();
    await world.clock.run(5_000);
    expect(await world.waitFor(viewOf(second).call('status', undefined))).toEqual({ kind: 'empty' });
    expect([...disk.tables.values()].every((table) => table.size === 0)).toBe(true);
    expect(second.failed).toEqual([]);
  });

  it('hear of it by the connection', async () => {
    const { world, tabs } = await browser(1);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    await register(world, first);
    expect(await world.waitFor(viewOf(second).call('signOut', undefined))).toEqual({ server: 'told' });
    const said = { type: 'connection', data: { kind: 'stopped', reason: 'signed-out' } };
    for (const tab of [first, second]) expect(tab.shown).toContainEqual(said);
    expect(await world.waitFor(viewOf(first).call('signOut', undefined))).toEqual({ server: 'not-told' });
  });

  it('that are told of it learn their status when everything is erased, not before', async () => {
    const { world, tabs, disk } = await browser(2);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    await register(world, first);
    const signedOut = viewOf(second).call('signOut', undefined);
    const said = JSON.stringify({ type: 'connection', data: { kind: 'stopped', reason: 'signed-out' } });
    await world.clock.runUntil(async () => first.shown.some((event) => JSON.stringify(event) === said));
    expect(await world.waitFor(viewOf(first).call('status', undefined))).toEqual({ kind: 'empty' });
    expect([...disk.tables.values()].every((table) => table.size === 0)).toBe(true);
    expect(await world.waitFor(signedOut)).toEqual({ server: 'told' });
  });

  it('are locked, all of them, until one has the secret, and again when the hosting tab dies', async () => {
    const { world, tabs, kill } = await browser(3);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    expect(await register(world, first)).toMatchObject({ storeLock: 'none' });
    const hint = { credential: Uint8Array.of(1), salt: Uint8Array.of(2) };
    const [secret, wrong] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)];
    const call = <Name extends keyof ClientCalls>(name: Name, params: ClientCalls[Name]['params']) =>
      world.waitFor(viewOf(second).call(name, params));
    expect(await call('lockStore', { ...hint, secret })).toMatchObject({ kind: 'open', storeLock: 'set' });
    kill(first);
    expect(await call('status', undefined)).toEqual({ kind: 'locked', lock: hint });
    const shut = { name: 'StoreLockedError', reason: 'locked' };
    await expect(call('conversations', undefined)).rejects.toMatchObject(shut);
    await expect(
      call('register', { serverUrl: 'http://model.test', username: 'cleo' }),
    ).rejects.toMatchObject(shut);
    await expect(call('unlock', { secret: wrong })).rejects.toMatchObject({
      ...shut,
      reason: 'wrong-secret',
    });
    for (let each = 0; each < 2; each++)
      expect(await call('unlock', { secret })).toMatchObject({ kind: 'open', self: { username: 'ana' } });
    expect(await call('removeLock', undefined)).toMatchObject({ storeLock: 'none' });
    kill(second);
    const third = tabs.openTab();
    expect(await world.waitFor(viewOf(third).call('status', undefined))).toMatchObject({ kind: 'open' });
  });

  it('can be left without the secret, by who has lost it', async () => {
    const { world, tabs, kill, disk } = await browser(4);
    const [first, second] = [tabs.openTab(), tabs.openTab()];
    await register(world, first);
    const hint = { credential: Uint8Array.of(1), salt: Uint8Array.of(2) };
    await world.waitFor(viewOf(first).call('lockStore', { ...hint, secret: new Uint8Array(32) }));
    kill(first);
    expect(await world.waitFor(viewOf(second).call('signOut', undefined))).toEqual({ server: 'not-told' });
    expect(await world.waitFor(viewOf(second).call('status', undefined))).toEqual({ kind: 'empty' });
    expect([...disk.tables.values()].every((table) => table.size === 0)).toBe(true);
  });
});
