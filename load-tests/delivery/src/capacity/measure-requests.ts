/** What each kind of request costs, one after the other on a system that does nothing else. */
import { directoryOf, makeSome, registerPeople } from '@cipherchat/load-people';
import { cpuMicroseconds } from '@cipherchat/test-kit';
import { Client, escapeIdentifier } from 'pg';
import type { CipherChat } from '../drivers/cipherchat.js';
import type { Coefficients } from './model.js';
import {
  packagesPerDevice,
  packagesPerUpload,
  requestKinds,
  requestProcesses,
  type RequestCost,
  type RequestCosts,
  type RequestKind,
  type RequestProcess,
} from './requests.js';

const peopleCount = 400;
/** As many uploads as fill the stock of all; of these the first are not counted. */
const requestsOfAKind = (peopleCount * packagesPerDevice) / packagesPerUpload;
const warmUpRequests = 2 * peopleCount;
/** Fewer than there are people, so that nobody renews the same token twice at once. */
const atOnce = 8;

type Requests = Readonly<Record<RequestKind, (index: number) => Promise<unknown>>>;

export async function measureRequests(
  target: CipherChat,
  say: (line: string) => void,
): Promise<Pick<Coefficients, 'requests' | 'bytesPerKeyPackage'>> {
  const requests = await requestsOf(target);
  const database = new Client({ connectionString: target.databaseUrl });
  await database.connect();
  try {
    const costs: Partial<Record<RequestKind, RequestCost>> = {};
    let bytesPerKeyPackage = 0;
    for (const kind of requestKinds) {
      say(`${requestsOfAKind} times ${kind}`);
      const ask = requests[kind];
      await makeSome({ count: warmUpRequests, atOnce, make: ask });
      const before = await stateOf(target, database);
      const count = requestsOfAKind - warmUpRequests;
      await makeSome({ count, atOnce, make: (index) => ask(warmUpRequests + index) });
      const after = await stateOf(target, database);
      costs[kind] = costOf({ before, after, count });
      if (kind === 'uploadKeyPackages')
        bytesPerKeyPackage = (after.keyPackageBytes - before.keyPackageBytes) / (count * packagesPerUpload);
    }
    return { requests: costs as RequestCosts, bytesPerKeyPackage };
  } finally {
    await database.end();
  }
}

/** Each in turn, so that no device is asked for more packages than it has. */
async function requestsOf({ authUrl, keysUrl }: CipherChat): Promise<Requests> {
  const people = await registerPeople({ authUrl, count: peopleCount });
  const all = people.map((person) => ({ person, directory: directoryOf({ keysUrl, person }) }));
  const at = (index: number) => {
    const found = all[index % all.length];
    if (found === undefined) throw new RangeError('nobody is there');
    return found;
  };
  const next = (index: number) => at(index + 1).person.user;
  return {
    refresh: (index) => at(index).person.refresh(),
    signIn: (index) => at(index).person.signIn(),
    findManifest: (index) => at(index).directory.findManifest(next(index)),
    countKeyPackages: (index) => at(index).directory.countKeyPackages(),
    uploadKeyPackages: (index) => at(index).directory.uploadKeyPackages(packagesPerUpload),
    claimKeyPackages: async (index) => {
      const claimed = await at(index).directory.claimKeyPackages(next(index));
      if (claimed !== 1) throw new Error(`a claim was given ${claimed} key packages`);
    },
  };
}

type State = {
  readonly cpu: ReadonlyMap<string, number>;
  readonly commits: number;
  readonly walBytes: number;
  readonly rows: number;
  readonly keyPackageBytes: number;
};

/** What Postgres knows at once, unlike its statistics. A transaction that writes takes the next number. */
const counters = `
  SELECT pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS commits,
    pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS "walBytes",
    pg_total_relation_size('directory.key_packages')::float8 AS "keyPackageBytes"`;
const tables = `SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname IN ('auth', 'directory')`;

async function stateOf(target: CipherChat, database: Client): Promise<State> {
  const cpu = cpuMicroseconds(target.processes);
  const { rows: found } = await database.query<Omit<State, 'cpu' | 'rows'>>(counters);
  const [state] = found;
  if (state === undefined) throw new Error('Postgres said nothing of itself');
  const { rows: names } = await database.query<{ readonly schema: string; readonly name: string }>(tables);
  let rows = 0;
  for (const { schema, name } of names) {
    const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
    const counted = await database.query<{ readonly count: number }>(
      `SELECT count(*)::float8 AS count FROM ${table}`,
    );
    rows += counted.rows[0]?.count ?? 0;
  }
  return { cpu, rows, ...state };
}

function costOf(params: {
  readonly before: State;
  readonly after: State;
  readonly count: number;
}): RequestCost {
  const { before, after, count } = params;
  const micros = (kind: RequestProcess): number =>
    [...after.cpu]
      .filter(([name]) => name.replace(/-\d+$/, '') === kind)
      .reduce((sum, [name, spent]) => sum + spent - (before.cpu.get(name) ?? 0), 0) / count;
  return {
    cpuMicros: Object.fromEntries(
      requestProcesses.map((kind) => [kind, micros(kind)]),
    ) as RequestCost['cpuMicros'],
    commits: (after.commits - before.commits) / count,
    walBytes: (after.walBytes - before.walBytes) / count,
    rows: (after.rows - before.rows) / count,
  };
}
