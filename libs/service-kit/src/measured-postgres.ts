/**
 * Times every statement of a pool's connections, whoever sends it: our own prepared ones by their names, Prisma's by
 * their first word. A statement's text never becomes a label.
 */
import { metricCatalogue, type Metrics } from '@cipherchat/telemetry';
import type { Pool, PoolClient } from 'pg';
import { systemMonotonicMs } from './clock.js';

type PoolName = (typeof metricCatalogue)['cipherchat_postgres_connections']['labels']['pool'][number];
type Operation =
  (typeof metricCatalogue)['cipherchat_postgres_statement_duration_seconds']['labels']['operation'][number];
type Ended = (outcome: 'done' | 'failed') => void;

const operations = metricCatalogue.cipherchat_postgres_statement_duration_seconds.labels.operation;
const byName = new Map<string, Operation>(operations.map((name) => [name, name]));

export function measurePostgres(
  pool: Pool,
  params: { readonly name: PoolName; readonly metrics: Metrics },
): void {
  const { name, metrics } = params;
  const connections = metrics.sampled('cipherchat_postgres_connections');
  connections({ pool: name, state: 'busy' }, () => pool.totalCount - pool.idleCount);
  connections({ pool: name, state: 'idle' }, () => pool.idleCount);
  metrics.sampled('cipherchat_postgres_waiting_requests')({ pool: name }, () => pool.waitingCount);
  const duration = metrics.histogram('cipherchat_postgres_statement_duration_seconds');
  const begin = (statement: unknown): Ended => {
    const startedAt = systemMonotonicMs();
    const operation = operationOf(statement);
    return (outcome) => duration({ operation, outcome }, (systemMonotonicMs() - startedAt) / 1_000);
  };
  pool.on('connect', (client) => measureClient(client, begin));
}

/** `pg` calls back, or gives a promise; anything else (a cursor) is left alone. */
function measureClient(client: PoolClient, begin: (statement: unknown) => Ended): void {
  const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown;
  const measured = (...given: readonly unknown[]): unknown => {
    const ended = begin(given[0]);
    const callback = given.at(-1);
    if (typeof callback === 'function') {
      const call = callback as (error: unknown, result: unknown) => void;
      return query(...given.slice(0, -1), (error: unknown, result: unknown) => {
        ended(error == null ? 'done' : 'failed');
        call(error, result);
      });
    }
    const answer = query(...given);
    if (answer instanceof Promise)
      answer.then(
        () => ended('done'),
        () => ended('failed'),
      );
    return answer;
  };
  client.query = measured as PoolClient['query'];
}

/** The name of a prepared statement of ours, else the first word of the text, of those that the catalogue knows. */
function operationOf(statement: unknown): Operation {
  const { name, text } =
    typeof statement === 'string'
      ? { name: undefined, text: statement }
      : (statement as Partial<Record<'name' | 'text', string>>);
  const word = /^\s*([a-z]+)/i.exec(text ?? '')?.[1]?.toLowerCase() ?? '';
  return byName.get(name ?? '') ?? byName.get(word) ?? 'other';
}
