import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coresOf, costFrom, loadOf, plan, usualDemand, type Coefficients, type Demand } from './model.js';

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
};
const cost = { perMessage: 100, perDelivery: 10 };
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

  it('never shrinks when people do more', () => {
    const more = fc.record({
      users: fc.integer({ min: 1, max: 1_000_000 }),
      by: fc.integer({ min: 1, max: 10 }),
      what: fc.constantFrom('users', 'devicesPerUser', 'messagesPerUserPerDay', 'groupSize'),
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
