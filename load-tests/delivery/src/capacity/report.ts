import type { Comparison, MeasuredCosts } from './measure-costs.js';
import type { Demand, Plan } from './model.js';
import { requestKinds, type RequestKind } from './requests.js';

const requestNames: Readonly<Record<RequestKind, string>> = {
  refresh: 'renewals of tokens',
  signIn: 'sign-ins',
  findManifest: 'manifests looked up',
  countKeyPackages: 'counts of key packages',
  uploadKeyPackages: 'uploads of them',
  claimKeyPackages: 'claims',
};

const bytesUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function planLines(params: {
  readonly demand: Demand;
  readonly found: Plan;
  readonly costs: MeasuredCosts;
}): readonly string[] {
  const { demand, found, costs } = params;
  const { load, requests, parts, postgres } = found;
  return [
    `${demand.users} users with ${demand.devicesPerUser} devices and ${demand.messagesPerUserPerDay} messages a day each; ${percent(demand.groupShare)} of them in groups of ${demand.groupSize}`,
    `Busiest second: ${round(load.messages)} messages, ${round(load.deliveries)} deliveries to devices that are connected; ${round(found.sockets)} sockets`,
    `And of requests: ${requestKinds.map((kind) => `${requests[kind].toFixed(1)} ${requestNames[kind]}`).join(', ')}`,
    '',
    row(['', 'replicas', 'cores in all', 'memory each']),
    ...parts.map(({ name, replicas, cores, memoryBytes }) =>
      row([name, String(replicas), cores === 0 ? 'little' : cores.toFixed(2), bytes(memoryBytes)]),
    ),
    '',
    `Postgres: ${bytes(postgres.storageBytes)} of messages, ${bytes(postgres.keyPackageBytes)} of key packages, ${bytes(postgres.walBytesPerDay)} of log a day, ${round(postgres.iops)} writes in the busiest second, ${round(postgres.requestRowsPerDay)} rows a day of sessions and key packages until they expire`,
    `NATS: ${bytes(found.natsBytesPerSecond)} in the busiest second`,
    `From what was measured on ${costs.measuredAt} of version ${costs.version} on ${costs.machine.cpus} cores (${costs.machine.model}).`,
  ];
}

export function comparisonLines(compared: readonly Comparison[]): readonly string[] {
  return [
    row(['CPU µs per message', 'predicted', 'measured', 'error']),
    ...compared.map(({ kind, predictedMicros, measuredMicros }) =>
      row([
        kind,
        predictedMicros.toFixed(0),
        measuredMicros.toFixed(0),
        percent(errorOf({ predictedMicros, measuredMicros })),
      ]),
    ),
  ];
}

/** Of all processes together: what an operator buys. */
export function totalError(compared: readonly Comparison[]): number {
  const sum = (of: (each: Comparison) => number): number => compared.reduce((all, each) => all + of(each), 0);
  return errorOf({
    predictedMicros: sum((each) => each.predictedMicros),
    measuredMicros: sum((each) => each.measuredMicros),
  });
}

function errorOf(each: Pick<Comparison, 'predictedMicros' | 'measuredMicros'>): number {
  return each.measuredMicros === 0 ? 0 : each.predictedMicros / each.measuredMicros - 1;
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(14)))
    .join('')
    .trimEnd();
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

export function bytes(value: number): string {
  let [amount, unit] = [value, 0];
  for (; amount >= 1024 && unit < bytesUnits.length - 1; unit++) amount /= 1024;
  return `${amount < 10 && unit > 0 ? amount.toFixed(1) : amount.toFixed(0)} ${bytesUnits[unit] ?? ''}`;
}
