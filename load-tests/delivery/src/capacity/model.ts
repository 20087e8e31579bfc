/**
 * What a deployment needs, from what its people do and what each thing that the system does was measured to cost.
 *
 * A message costs something where it is taken in, and something again for each device that is there to get it. Both are
 * measured for each process (`measure-costs.ts`), and so are the requests of `requests.ts`; everything else here is
 * arithmetic. What is not counted: groups that change, typing and read marks, which are rare beside messages or cost
 * little; a margin covers them (`targetUse`).
 */
import {
  packagesPerDevice,
  requestsAtPeak,
  requestsPerDay,
  requestSum,
  usualRequests,
  type RequestCosts,
  type RequestDemand,
  type RequestProcess,
  type Requests,
} from './requests.js';

/** What the people of an organisation do. */
export type Demand = RequestDemand & {
  readonly messagesPerUserPerDay: number;
  /** Members of a group, the sender among them. */
  readonly groupSize: number;
  /** Share of messages that are written in groups; the rest has one reader. */
  readonly groupShare: number;
  /** How long places in the log are kept, so that a late resend is known. */
  readonly retentionDays: number;
  /** How long ciphertext waits for the last device of a member, on average. */
  readonly undeliveredDays: number;
};

export const usualDemand: Omit<Demand, 'users' | 'devicesPerUser' | 'messagesPerUserPerDay' | 'groupSize'> = {
  groupShare: 0.5,
  onlineShare: 0.6,
  peakHourShare: 0.15,
  peakFactor: 3,
  retentionDays: 30,
  undeliveredDays: 2,
  ...usualRequests,
};

/** CPU time of one kind of process, in microseconds. */
export type Cost = { readonly perMessage: number; readonly perDelivery: number };

export const processKinds = ['gateway', 'message-store', 'postgres', 'nats', 'redis'] as const;
export type ProcessKind = (typeof processKinds)[number];

export type Coefficients = {
  readonly cpu: Readonly<Record<ProcessKind, Cost>>;
  /** Resident, of a process under load, without its sockets. */
  readonly memoryBytes: Readonly<Record<ProcessKind | 'auth' | 'key-directory', number>>;
  readonly bytesPerSocket: number;
  readonly requests: RequestCosts;
  /** With indexes, of one that was not handed out yet. */
  readonly bytesPerKeyPackage: number;
  readonly postgres: {
    /** With indexes: of a message whose ciphertext is there, and of one that every device has. */
    readonly bytesPerMessage: number;
    readonly bytesPerClearedMessage: number;
    readonly walBytesPerMessage: number;
    /** At the rate at which it was measured; a higher one commits more in one transaction. */
    readonly commitsPerMessage: number;
  };
};

/** At the busiest time, in a second. */
export type Load = { readonly messages: number; readonly deliveries: number; readonly userPublishes: number };

/** Of a core: room for what is not counted, for a replica that is gone, and for a queue that stays short. */
const targetUse = 0.5;
/** A replica may be restarted at any time. */
const minReplicas = 2;
/** As `npm run bench:delivery` measures them; more were never opened on one gateway. */
const maxSocketsPerGateway = 10_000;
/** Of a message as it was measured, with its envelope, once in and once out for the store, and as it is published. */
const natsBytesPerHop = 1_180;
/** Of shared buffers and the page cache of the day's messages; and for its own processes. */
const postgresCacheShare = 0.25;
const pageBytes = 8_192;

export function loadOf(demand: Demand): Load {
  const { users, devicesPerUser, messagesPerUserPerDay, peakHourShare, peakFactor } = demand;
  const messages = (users * messagesPerUserPerDay * peakHourShare * peakFactor) / 3_600;
  const readers = readersOf(demand);
  return {
    messages,
    // Of every member, and the sender's others.
    deliveries: messages * ((readers + 1) * devicesPerUser - 1) * demand.onlineShare,
    userPublishes: messages * (readers + 1),
  };
}

function readersOf({ groupShare, groupSize }: Demand): number {
  return 1 - groupShare + groupShare * (groupSize - 1);
}

export type Part = {
  readonly name: string;
  readonly replicas: number;
  /** Of all replicas together, at the busiest time. */
  readonly cores: number;
  /** Of each. */
  readonly memoryBytes: number;
};

export type Plan = {
  readonly load: Load;
  readonly requests: Requests;
  readonly sockets: number;
  readonly parts: readonly Part[];
  readonly postgres: {
    readonly storageBytes: number;
    readonly keyPackageBytes: number;
    readonly walBytesPerDay: number;
    /** Of sessions, tokens and key packages, until they expire. */
    readonly requestRowsPerDay: number;
    /** Writes that have to be on the disk, and pages that follow them, in the busiest second. */
    readonly iops: number;
  };
  readonly natsBytesPerSecond: number;
};

export function plan(demand: Demand, known: Coefficients): Plan {
  const load = loadOf(demand);
  const sockets = demand.users * demand.devicesPerUser * demand.onlineShare;
  const requests = requestsAtPeak(demand);
  const perDay = requestsPerDay(demand);
  const costs = known.requests;
  const ofRequests = (kind: RequestProcess): number =>
    requestSum({ requests, costs, of: ({ cpuMicros }) => cpuMicros[kind] }) / 1_000_000;
  const ofMessages = (kind: ProcessKind): number => coresOf(known.cpu[kind], load);
  const ofBoth = (kind: ProcessKind & RequestProcess): number => ofMessages(kind) + ofRequests(kind);
  const replicas = (cores: number): number => Math.max(minReplicas, Math.ceil(cores / targetUse));
  const gateways = Math.max(
    replicas(ofMessages('gateway')),
    // One of them may be gone.
    Math.ceil(sockets / maxSocketsPerGateway) + 1,
  );
  const { memoryBytes, postgres } = known;
  const messagesPerDay = demand.users * demand.messagesPerUserPerDay;
  const storageBytes =
    messagesPerDay *
    (demand.undeliveredDays * postgres.bytesPerMessage +
      demand.retentionDays * postgres.bytesPerClearedMessage);
  const keyPackageBytes = demand.users * demand.devicesPerUser * packagesPerDevice * known.bytesPerKeyPackage;
  const commits =
    load.messages * postgres.commitsPerMessage + requestSum({ requests, costs, of: (cost) => cost.commits });
  const walBytes =
    load.messages * postgres.walBytesPerMessage +
    requestSum({ requests, costs, of: (cost) => cost.walBytes });
  return {
    load,
    requests,
    sockets,
    parts: [
      {
        name: 'gateway',
        replicas: gateways,
        cores: ofMessages('gateway'),
        memoryBytes: memoryBytes.gateway + (sockets / (gateways - 1)) * known.bytesPerSocket,
      },
      {
        name: 'message-store',
        replicas: replicas(ofMessages('message-store')),
        cores: ofMessages('message-store'),
        memoryBytes: memoryBytes['message-store'],
      },
      ...(['auth', 'key-directory'] as const).map((name) => ({
        name,
        replicas: replicas(ofRequests(name)),
        cores: ofRequests(name),
        memoryBytes: memoryBytes[name],
      })),
      {
        name: 'postgres',
        replicas: minReplicas,
        cores: ofBoth('postgres'),
        memoryBytes: memoryBytes.postgres + postgresCacheShare * storageBytes,
      },
      { name: 'nats', replicas: 3, cores: ofBoth('nats'), memoryBytes: memoryBytes.nats },
      { name: 'redis', replicas: minReplicas, cores: ofBoth('redis'), memoryBytes: memoryBytes.redis },
    ],
    postgres: {
      storageBytes,
      keyPackageBytes,
      walBytesPerDay:
        messagesPerDay * postgres.walBytesPerMessage +
        requestSum({ requests: perDay, costs, of: (cost) => cost.walBytes }),
      requestRowsPerDay: requestSum({ requests: perDay, costs, of: (cost) => cost.rows }),
      iops: commits + walBytes / pageBytes,
    },
    natsBytesPerSecond: (2 * load.messages + 2 * load.userPublishes) * natsBytesPerHop,
  };
}

/** CPU seconds in a second. */
export function coresOf(
  { perMessage, perDelivery }: Cost,
  load: Pick<Load, 'messages' | 'deliveries'>,
): number {
  return (perMessage * load.messages + perDelivery * load.deliveries) / 1_000_000;
}

/** Costs from two runs of the same rate with other numbers of receivers; neither is below nothing. */
export function costFrom(
  few: { readonly receivers: number; readonly microsPerMessage: number },
  many: { readonly receivers: number; readonly microsPerMessage: number },
): Cost {
  const slope = (many.microsPerMessage - few.microsPerMessage) / (many.receivers - few.receivers);
  const perDelivery = Math.max(0, slope);
  return { perDelivery, perMessage: Math.max(0, few.microsPerMessage - perDelivery * few.receivers) };
}
