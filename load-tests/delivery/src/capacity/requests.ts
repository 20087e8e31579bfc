/**
 * What people ask auth and the key directory for now and then, how often, and what that takes. Each kind of request was
 * measured to cost something of each process; everything else here is arithmetic.
 */

export type RequestDemand = {
  readonly users: number;
  readonly devicesPerUser: number;
  /** Share of devices that are connected at the busiest time. */
  readonly onlineShare: number;
  /** Share of a day's requests that its busiest hour has, and how many times more than its mean its busiest seconds have. */
  readonly peakHourShare: number;
  readonly peakFactor: number;
  /** How often a device connects, after it was closed or without a network. */
  readonly connectsPerDevicePerDay: number;
  /** How often somebody adds another to a conversation, or begins one with them. */
  readonly additionsPerUserPerDay: number;
  /** With the device's key: a first time, or after its session ended. Otherwise tokens are refreshed. */
  readonly signInsPerDevicePerDay: number;
};

export const usualRequests = {
  connectsPerDevicePerDay: 10,
  additionsPerUserPerDay: 1,
  signInsPerDevicePerDay: 0.1,
} as const satisfies Partial<RequestDemand>;

/** `signIn` is two: a challenge, and its answer. */
export const requestKinds = [
  'refresh',
  'signIn',
  'findManifest',
  'countKeyPackages',
  'uploadKeyPackages',
  'claimKeyPackages',
] as const;
export type RequestKind = (typeof requestKinds)[number];

export const requestProcesses = ['auth', 'key-directory', 'postgres', 'nats', 'redis'] as const;
export type RequestProcess = (typeof requestProcesses)[number];

/** Of one request of a kind. */
export type RequestCost = {
  readonly cpuMicros: Readonly<Record<RequestProcess, number>>;
  /** Transactions that write, what they write to the log, and the rows that are there afterwards and were not before. */
  readonly commits: number;
  readonly walBytes: number;
  readonly rows: number;
};
export type RequestCosts = Readonly<Record<RequestKind, RequestCost>>;
export type Requests = Readonly<Record<RequestKind, number>>;

/** An access token lives for ten minutes, and a connected device renews it when four fifths of them are over. */
const renewalS = 8 * 60;
const dayS = 86_400;
/** A device fills up from 80 to 100. */
export const packagesPerUpload = 20;
export const packagesPerDevice = 100;

export function requestsPerDay(demand: RequestDemand): Requests {
  const devices = demand.users * demand.devicesPerUser;
  const additions = demand.users * demand.additionsPerUserPerDay;
  return {
    // As if those who are there at the busiest time stayed all day.
    refresh: (devices * demand.onlineShare * dayS) / renewalS,
    signIn: devices * demand.signInsPerDevicePerDay,
    // Who adds somebody looks them up, and is looked up by them.
    findManifest: 2 * additions,
    countKeyPackages: devices * demand.connectsPerDevicePerDay,
    uploadKeyPackages: (additions * demand.devicesPerUser) / packagesPerUpload,
    claimKeyPackages: additions,
  };
}

/** In the busiest second. Tokens end evenly; the rest comes when people are there. */
export function requestsAtPeak(demand: RequestDemand): Requests {
  const { refresh, ...others } = requestsPerDay(demand);
  const peak = (demand.peakHourShare * demand.peakFactor) / 3_600;
  return {
    refresh: refresh / dayS,
    signIn: others.signIn * peak,
    findManifest: others.findManifest * peak,
    countKeyPackages: others.countKeyPackages * peak,
    uploadKeyPackages: others.uploadKeyPackages * peak,
    claimKeyPackages: others.claimKeyPackages * peak,
  };
}

/** What these requests cost of something together. */
export function requestSum(params: {
  readonly requests: Requests;
  readonly costs: RequestCosts;
  readonly of: (cost: RequestCost) => number;
}): number {
  const { requests, costs, of } = params;
  return requestKinds.reduce((sum, kind) => sum + requests[kind] * of(costs[kind]), 0);
}
