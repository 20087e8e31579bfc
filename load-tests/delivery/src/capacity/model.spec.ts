import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coresOf, costFrom, loadOf, plan, usualDemand, type Coefficients, type Demand } from './model.js';
import { requestKinds, requestsAtPeak, requestsPerDay, type RequestCost } from './requests.js';

const demand: Demand = {
  ...usualDemand,
  users: 1_000,
  devicesPerUser: 2,
  messagesPerUserPerDay: 36,
  groupSize: 5,
  groupShare: 0.5,
  onlineShare: 0.5,
  peakHourShare: 0.1,
  peakFactor: 2,
  connectsPerDevicePerDay: 9,
  additionsPerUserPerDay: 18,
  signInsPerDevicePerDay: 0.9,
};
const cost = { perMessage: 100, perDelivery: 10 };
const requestCost: RequestCost = {
  cpuMicros: { auth: 1_000, 'key-directory': 2_000, postgres: 500, nats: 0, redis: 20 },
  commits: 1,
  walBytes: 400,
  rows: 1,
};
const mebibyte = 1024 * 1024;
const known: Coefficients = {
  cpu: { gateway: cost, 'message-store': cost, postgres: cost, nats: cost, redis: cost },
  memoryBytes: {
    gateway: 100 * mebibyte,
    'message-store': 100 * mebibyte,
    postgres: 100 * mebibyte,
    nats: 20 * mebibyte,
    redis: 10 * mebibyte,
    auth: 100 * mebibyte,
    'key-directory': 100 * mebibyte,
  },
  bytesPerSocket: 20_000,
  requests: {
    refresh: requestCost,
    signIn: requestCost,
    findManifest: requestCost,
    countKeyPackages: requestCost,
    uploadKeyPackages: requestCost,
    claimKeyPackages: requestCost,
  },
  bytesPerKeyPackage: 3_000,
  postgres: {
    bytesPerMessage: 1_500,
    bytesPerClearedMessage: 200,
    walBytesPerMessage: 2_000,
    commitsPerMessage: 0.5,
  },
};

describe('the load of an organisation', () => {
  it('is that of its busiest seconds', () => {
    // 36,000 messages a day, 3,600 of them in an hour, 2 in its busiest seconds, to 2.5 others on average.
    expect(loadOf(demand)).toEqual({ messages: 2, deliveries: 2 * (3.5 * 2 - 1) * 0.5, userPublishes: 7 });
  });
});

describe('the requests of an organisation', () => {
  it('are renewals of whoever is connected, evenly, and the rest when people are there', () => {
    const requests = requestsAtPeak(demand);
    // 1,000 devices that are connected, each every 480 seconds.
    expect(requests.refresh).toBeCloseTo(1_000 / 480);
    // 2,000 devices; of a day's, a tenth in an hour and twice its mean in a second.
    expect(requests.signIn).toBeCloseTo(1_800 / 18_000);
    expect(requests.countKeyPackages).toBeCloseTo(18_000 / 18_000);
    // 18,000 additions: each is a claim, looked up by both, and takes a package of two devices.
    expect(requests.claimKeyPackages).toBeCloseTo(1);
    expect(requests.findManifest).toBeCloseTo(2);
    expect(requests.uploadKeyPackages).toBeCloseTo(2 / 20);
  });

  it('have all their kinds in the cores of the services that answer them, and in what Postgres writes', () => {
    const { requests, parts, postgres } = plan(demand, known);
    const perSecond = requestKinds.reduce((sum, kind) => sum + requests[kind], 0);
    const perDay = Object.values(requestsPerDay(demand)).reduce((sum, count) => sum + count, 0);
    const coresFor = (name: string) => parts.find((part) => part.name === name)?.cores ?? 0;
    expect(coresFor('auth')).toBeCloseTo(perSecond * 0.001);
    expect(coresFor('key-directory')).toBeCloseTo(perSecond * 0.002);
    const nothing = {
      ...requestCost,
      cpuMicros: { ...requestCost.cpuMicros, postgres: 0 },
      commits: 0,
      walBytes: 0,
    };
    const free = Object.fromEntries(requestKinds.map((kind) => [kind, nothing])) as Coefficients['requests'];
    const without = plan(demand, { ...known, requests: free });
    expect(
      coresFor('postgres') - (without.parts.find(({ name }) => name === 'postgres')?.cores ?? 0),
    ).toBeCloseTo(perSecond * 0.000_5);
    expect(postgres.walBytesPerDay - without.postgres.walBytesPerDay).toBeCloseTo(perDay * 400);
    expect(postgres.requestRowsPerDay).toBeCloseTo(perDay);
    expect(postgres.iops - without.postgres.iops).toBeCloseTo(perSecond * (1 + 400 / 8_192));
  });

  it('bring more replicas once two do not carry them', () => {
    const auth = plan({ ...demand, users: 10_000_000, messagesPerUserPerDay: 0 }, known).parts.find(
      ({ name }) => name === 'auth',
    );
    expect(auth?.replicas).toBe(Math.ceil((auth?.cores ?? 0) / 0.5));
    expect(auth?.replicas).toBeGreaterThan(2);
  });
});

describe('the plan', () => {
  it('adds up what messages and deliveries cost', () => {
    expect(coresOf(cost, { messages: 1_000, deliveries: 5_000 })).toBeCloseTo(0.15);
    const [gateway] = plan(demand, known).parts;
    expect(gateway).toMatchObject({ name: 'gateway', replicas: 2 });
    expect(gateway?.cores).toBeCloseTo((2 * 100 + 6 * 10) / 1_000_000);
  });

  it('keeps places for as long as they are kept, and ciphertext until it was fetched', () => {
    const { storageBytes } = plan(demand, known).postgres;
    expect(storageBytes).toBe(36_000 * (2 * 1_500 + 30 * 200));
  });

  it('keeps a stock of key packages for each device', () => {
    expect(plan(demand, known).postgres.keyPackageBytes).toBe(2_000 * 100 * 3_000);
  });

  it('never shrinks when people do more', () => {
    const more = fc.record({
      users: fc.integer({ min: 1, max: 1_000_000 }),
      by: fc.integer({ min: 1, max: 10 }),
      what: fc.constantFrom(
        'users',
        'devicesPerUser',
        'messagesPerUserPerDay',
        'groupSize',
        'connectsPerDevicePerDay',
        'additionsPerUserPerDay',
        'signInsPerDevicePerDay',
      ),
    });
    fc.assert(
      fc.property(more, ({ users, by, what }) => {
        const before: Demand = { ...demand, users };
        const [small, large] = [plan(before, known), plan({ ...before, [what]: before[what] * by }, known)];
        for (const [index, part] of small.parts.entries()) {
          const grown = large.parts[index];
          expect(grown?.replicas).toBeGreaterThanOrEqual(part.replicas);
          expect(grown?.cores).toBeGreaterThanOrEqual(part.cores);
        }
        expect(large.postgres.storageBytes).toBeGreaterThanOrEqual(small.postgres.storageBytes);
        expect(large.natsBytesPerSecond).toBeGreaterThanOrEqual(small.natsBytesPerSecond);
      }),
    );
  });
});

describe('costs', () => {
  it('come out of two runs as they went in', () => {
    const micros = (receivers: number) => cost.perMessage + cost.perDelivery * receivers;
    const at = (receivers: number) => ({ receivers, microsPerMessage: micros(receivers) });
    expect(costFrom(at(1), at(7))).toEqual(cost);
  });

  it('are never below nothing, whatever a noisy run says', () => {
    const run = fc.record({
      receivers: fc.constant(1),
      microsPerMessage: fc.double({ min: 0, max: 1_000, noNaN: true }),
    });
    fc.assert(
      fc.property(run, run, (few, many) => {
        const { perMessage, perDelivery } = costFrom(few, { ...many, receivers: 7 });
        expect(Math.min(perMessage, perDelivery)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
