/** Real: Postgres, NATS, Redis, two replicas. Played: auth. Key packages are random bytes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keysRoutes, type DeviceId, type SessionId, type UserId } from '@cipherchat/protocol';
import { ScrapedMetrics, withClient } from '@cipherchat/test-kit';
import { claimsPerPair, claimsPerTarget } from '../bounds.js';
import {
  keyPackages,
  newId,
  startWorld,
  until,
  type Account,
  type World,
} from '../directory-world.fixture.js';
import { KeyPackageService } from './key-package.service.js';
import { RevocationFollower } from './revocation-follower.js';

const suite = 0x004e;
const dayMs = 86_400_000;
let world: World;
beforeAll(async () => {
  world = await startWorld({ replicas: 2 });
}, 60_000);
afterAll(() => world.stop());

type Upload = {
  readonly count?: number;
  readonly lastResort?: boolean;
  readonly suite?: 0x004e | 0x0001;
  readonly device?: number;
};
const by = (account: Account, device = 0) => ({ user: account.user, device: account.devices[device]! });
const made = (count: number) => keyPackages(count, world.clock.nowMs);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const upload = (account: Account, { count = 0, lastResort = false, suite: of = suite, device = 0 }: Upload) =>
  world.call(keysRoutes.uploadKeyPackages, {
    by: by(account, device),
    body: { suite: of, singleUse: made(count), ...(lastResort ? { lastResort: made(1)[0]! } : {}) },
  });
const claim = (
  caller: Account,
  user: UserId,
  options: {
    readonly devices?: DeviceId[];
    readonly suite?: 0x004e | 0x0001;
    readonly replica?: number;
  } = {},
) =>
  world.call(keysRoutes.claimKeyPackages, {
    by: by(caller),
    body: {
      user,
      suite: options.suite ?? suite,
      ...(options.devices === undefined ? {} : { devices: options.devices }),
    },
    replica: options.replica ?? 0,
  });
const count = async (account: Account, device = 0) =>
  (
    await world.call(keysRoutes.countKeyPackages, {
      by: by(account, device),
      query: { suite: String(suite) },
    })
  ).body;

describe('uploading key packages', () => {
  it('adds to the stock of the device, suite by suite', async () => {
    const ana = await world.registered({ devices: 2 });
    expect((await upload(ana, { count: 3, lastResort: true })).body).toEqual({ singleUseCount: 3 });
    expect((await upload(ana, { count: 2, suite: 1 })).body).toEqual({ singleUseCount: 2 });
    expect(await count(ana)).toEqual({
      singleUseCount: 3,
      lastResortNotAfterMs: world.clock.nowMs + 30 * dayMs,
    });
    expect(await count(ana, 1)).toEqual({ singleUseCount: 0, lastResortNotAfterMs: null });
  });

  it('is done once when it is sent twice, even when a package was handed out in between', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    const body = { suite, singleUse: made(2) } as const;
    await world.call(keysRoutes.uploadKeyPackages, { by: by(ana), body });
    const first = (await claim(ben, ana.user)).body.claimed[0]!;
    expect((await world.call(keysRoutes.uploadKeyPackages, { by: by(ana), body })).body).toEqual({
      singleUseCount: 1,
    });
    const second = (await claim(ben, ana.user)).body.claimed[0]!;
    expect(hex(second.keyPackage)).not.toBe(hex(first.keyPackage));
    expect((await claim(ben, ana.user)).body).toEqual({ claimed: [], exhausted: [ana.devices[0]] });
  });

  it('refuses more than the limit, all or nothing, also from two replicas at once', async () => {
    const ana = await world.registered();
    await upload(ana, { count: 60 });
    const body = () => ({ suite, singleUse: made(30) }) as const;
    const outcomes = await Promise.all(
      [0, 1, 0, 1].map((replica) =>
        world.call(keysRoutes.uploadKeyPackages, { by: by(ana), body: body(), replica }),
      ),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(outcomes.find(({ status }) => status === 409)).toMatchObject({
      code: 'directory/key-packages-full',
      body: { max: 100 },
    });
    expect((await count(ana)).singleUseCount).toBe(90);
  });

  it('replaces the last-resort package', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    await upload(ana, { lastResort: true });
    const before = (await claim(ben, ana.user)).body.claimed[0]!;
    await upload(ana, { lastResort: true });
    const after = (await claim(ben, ana.user)).body.claimed;
    expect(after).toHaveLength(1);
    expect(hex(after[0]!.keyPackage)).not.toBe(hex(before.keyPackage));
  });

  it('refuses lifetimes that are over, or longer than anybody needs', async () => {
    const ana = await world.registered();
    for (const notAfterMs of [world.clock.nowMs, world.clock.nowMs + 93 * dayMs]) {
      const singleUse = [...made(1), { ...made(1)[0]!, notAfterMs }];
      expect(
        await world.call(keysRoutes.uploadKeyPackages, { by: by(ana), body: { suite, singleUse } }),
      ).toMatchObject({
        status: 400,
        code: 'request/malformed',
        body: { at: 'body.singleUse.1.notAfterMs' },
      });
    }
    expect((await count(ana)).singleUseCount).toBe(0);
  });
});

describe('claiming key packages', () => {
  it('gives one for each device of the user', async () => {
    const [ana, ben] = [await world.registered({ devices: 3 }), await world.registered()];
    for (const device of [0, 1]) await upload(ana, { count: 1, device });
    const { claimed, exhausted } = (await claim(ben, ana.user)).body;
    expect(claimed.map(({ device, lastResort }) => [device, lastResort]).sort()).toEqual([
      [ana.devices[0], false],
      [ana.devices[1], false],
    ]);
    expect(exhausted).toEqual([ana.devices[2]]);
  });

  it('gives only those that are asked for, and only of the user', async () => {
    const [ana, ben] = [await world.registered({ devices: 2 }), await world.registered()];
    for (const device of [0, 1]) await upload(ana, { count: 1, device });
    await upload(ben, { count: 1 });
    const { claimed, exhausted } = (
      await claim(ben, ana.user, { devices: [ana.devices[1]!, ben.devices[0]!, newId()] })
    ).body;
    expect([claimed.map(({ device }) => device), exhausted]).toEqual([[ana.devices[1]], []]);
    expect((await count(ana, 0)).singleUseCount).toBe(1);
    expect((await count(ben)).singleUseCount).toBe(1);
  });

  it('gives the packages of one’s own other devices, never of the device that asks', async () => {
    const ana = await world.registered({ devices: 2 });
    for (const device of [0, 1]) await upload(ana, { count: 1, device });
    const { claimed, exhausted } = (await claim(ana, ana.user)).body;
    expect([claimed.map(({ device }) => device), exhausted]).toEqual([[ana.devices[1]], []]);
  });

  it('never hands one package out twice to 50 who ask two replicas at once', async () => {
    const ana = await world.registered({ devices: 2 });
    for (const device of [0, 1]) await upload(ana, { count: 40, lastResort: device === 0, device });
    const callers = Array.from({ length: 50 }, () => world.account());
    const answers = await Promise.all(
      callers.map((caller, index) => claim(caller, ana.user, { replica: index % 2 })),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const claimed = answers.flatMap(({ body }) => body.claimed);
    const single = claimed.filter(({ lastResort }) => !lastResort).map(({ keyPackage }) => hex(keyPackage));
    expect(new Set(single).size).toBe(single.length);
    // All 80 were found, none skipped for good: the device with a last resort serves all 50, the other 40.
    expect(single).toHaveLength(80);
    expect(claimed.filter(({ lastResort }) => lastResort)).toHaveLength(10);
    expect(answers.filter(({ body }) => body.exhausted.length > 0)).toHaveLength(10);
    expect((await count(ana, 0)).singleUseCount).toBe(0);
  });

  it('falls back to the last-resort package, again and again, and then says exhausted', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    await upload(ana, { count: 1, lastResort: true });
    expect((await claim(ben, ana.user)).body.claimed[0]?.lastResort).toBe(false);
    const [second, third] = [
      (await claim(ben, ana.user)).body.claimed[0]!,
      (await claim(ben, ana.user)).body.claimed[0]!,
    ];
    expect([second.lastResort, hex(third.keyPackage)]).toEqual([true, hex(second.keyPackage)]);
    expect((await claim(ben, ana.user, { suite: 1 })).body).toEqual({
      claimed: [],
      exhausted: [ana.devices[0]],
    });
  });

  it('is refused for a user whom nobody knows, and without a token', async () => {
    const ben = await world.registered();
    expect(await claim(ben, newId())).toMatchObject({ status: 404, code: 'directory/user-unknown' });
    const response = await fetch(`${world.services[0]!.url}/v1/keys/key-packages/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      401,
      'auth/unauthenticated',
    ]);
  });
});

describe('time', () => {
  it('takes expired packages and devices out of what is handed out, and deletes the packages', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    await upload(ana, { count: 2, lastResort: true });
    const startMs = world.clock.nowMs;
    try {
      world.clock.nowMs = startMs + 31 * dayMs;
      expect((await claim(ben, ana.user)).body).toEqual({ claimed: [], exhausted: [ana.devices[0]] });
      expect(await count(ana)).toEqual({ singleUseCount: 0, lastResortNotAfterMs: null });
      expect(
        await world.services[0]!.application.get(KeyPackageService).deleteExpired(),
      ).toBeGreaterThanOrEqual(3);
      const left = await withClient(world.database.adminUrl, (client) =>
        client.query('select count(*)::int as count from directory.key_packages where device_id = $1', [
          ana.devices[0],
        ]),
      );
      expect(left.rows).toEqual([{ count: 0 }]);
      await upload(ana, { count: 1 });
      world.clock.nowMs = startMs + 91 * dayMs;
      expect((await claim(ben, ana.user)).body).toEqual({ claimed: [], exhausted: [] });
    } finally {
      world.clock.nowMs = startMs;
    }
  });
});

describe('a revoked device', () => {
  it('gets no new conversations, although the manifest still names it', async () => {
    const [ana, ben] = [await world.registered({ devices: 2 }), await world.registered()];
    for (const device of [0, 1]) await upload(ana, { count: 1, lastResort: true, device });
    const sessionOnly = {
      order: 1,
      kind: 'session',
      user: ana.user,
      device: ana.devices[1]!,
      session: newId<SessionId>(),
      atMs: 1,
    } as const;
    world.revocations.push(sessionOnly, {
      ...sessionOnly,
      order: 2,
      kind: 'device',
      device: ana.devices[0]!,
      session: '00000000-0000-0000-0000-000000000000' as SessionId,
    });
    await world.services[0]!.application.get(RevocationFollower).follow();
    const { claimed, exhausted } = (await claim(ben, ana.user)).body;
    expect([claimed.map(({ device }) => device), exhausted]).toEqual([[ana.devices[1]], []]);
    // The next replica goes on after what this one has carried out.
    const state = await withClient(world.database.adminUrl, (client) =>
      client.query('select revocation_order::int as order from directory.directory_state'),
    );
    expect(state.rows).toEqual([{ order: 2 }]);
  });
});

describe('limits', () => {
  it('refuse one person who asks for another’s packages too often, and nobody else', async () => {
    const [ana, ben, cleo] = [await world.registered(), await world.registered(), await world.registered()];
    await upload(ana, { count: 50, lastResort: true });
    const outcomes = [];
    for (let index = 0; index <= claimsPerPair.burst; index++) outcomes.push(await claim(ben, ana.user));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(claimsPerPair.burst);
    expect(outcomes.at(-1)).toMatchObject({ status: 429, code: 'request/rate-limited' });
    expect((await claim(cleo, ana.user)).body.claimed[0]?.lastResort).toBe(false);
  });

  it('spare the stock of a device that many ask for: past the limit they get the last-resort package', async () => {
    const ana = await world.registered();
    await upload(ana, { count: 100 });
    await upload(ana, { lastResort: true });
    const callers = Array.from({ length: 5 }, () => world.account());
    const claims = Array.from({ length: claimsPerTarget.burst + 20 }, (_, index) =>
      claim(callers[index % 5]!, ana.user, { replica: index % 2 }),
    );
    const answers = await Promise.all(claims);
    const lastResort = answers.filter(({ body }) => body.claimed[0]?.lastResort === true);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(lastResort.length).toBeGreaterThanOrEqual(claimsPerTarget.burst + 20 - 100);
    await until(async () => (await count(ana)).singleUseCount === 0);
  });
});

it('metrics show the stock of devices and what was handed out, and nobody', async () => {
  const metrics = () => ScrapedMetrics.of(world.services[0]!);
  const before = await metrics();
  const [ana, ben] = [await world.registered({ devices: 2 }), await world.registered()];
  await upload(ana, { count: 2, lastResort: true });
  await count(ana);
  await count(ana, 1);
  for (let claims = 0; claims < 3; claims++) await claim(ben, ana.user, { devices: [ana.devices[0]!] });
  await claim(ben, ana.user, { devices: [ana.devices[1]!] });
  const after = await metrics();
  const grown = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    after.sum(`cipherchat_${name}`, labels) - before.sum(`cipherchat_${name}`, labels);
  expect(grown('stock_key_packages_count')).toBe(2);
  expect(grown('stock_key_packages_bucket', { le: '0' })).toBe(1);
  expect(grown('stock_key_packages_bucket', { le: '10' })).toBe(2);
  expect(grown('key_packages_claimed_total', { outcome: 'single-use' })).toBe(2);
  expect(grown('key_packages_claimed_total', { outcome: 'last-resort' })).toBe(1);
  expect(grown('key_packages_claimed_total', { outcome: 'exhausted' })).toBe(1);
  for (const id of [ana.user, ben.user, ...ana.devices, ...ben.devices]) expect(after.text).not.toContain(id);
});
