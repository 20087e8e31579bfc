/** What the services stand on: Postgres, NATS, Redis; and the processes themselves. */
import { dashboard } from '../dashboard.js';
import { rateBy } from '../expressions.js';
import { lines } from '../panels.js';

const statements = 'cipherchat_postgres_statement_duration_seconds';
const redis = 'cipherchat_redis_command_duration_seconds';
const requests = 'cipherchat_request_duration_seconds';

/** Of what was done, by a label; 0 where nothing failed. */
function failed(params: { readonly metric: string; readonly outcome: string; readonly by: string }): string {
  const { metric, outcome, by } = params;
  const all = rateBy(by, `${metric}_count`);
  return `(${rateBy(by, `${metric}_count{outcome="${outcome}"}`)} / ${all}) or 0 * ${all}`;
}

function slowest(metric: string, by: string): string {
  return `topk(10, histogram_quantile(0.99, sum by (le, ${by}) (rate(${metric}_bucket[$__rate_interval]))))`;
}

export const stores = dashboard({
  uid: 'cipherchat-stores',
  title: 'CipherChat: stores and processes',
  answers: 'Is it one of the things that services stand on, or a process that has too much to do?',
  rows: [
    {
      title: 'Postgres',
      panels: [
        lines({
          title: 'Slowest statements',
          means: 'The slowest of a hundred: ten by name.',
          unit: 's',
          width: 8,
          steps: [{ from: 0.1, colour: 'orange' }],
          queries: [{ expr: slowest(statements, 'service, operation'), legend: '{{service}} {{operation}}' }],
        }),
        lines({
          title: 'Connections in use, and work that waits for one',
          means: 'Anything that waits for more than a moment: too few connections, or statements that hang.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: 'sum by (service, pool) (cipherchat_postgres_connections{state="busy"})',
              legend: 'busy, {{service}} {{pool}}',
            },
            {
              expr: 'sum by (service, pool) (cipherchat_postgres_waiting_requests)',
              legend: 'waiting, {{service}} {{pool}}',
            },
          ],
        }),
        lines({
          title: 'Share of statements that failed',
          means: 'By service. Above 1 % for five minutes somebody is called.',
          unit: 'percentunit',
          width: 8,
          steps: [{ from: 0.01, colour: 'red' }],
          queries: [
            { expr: failed({ metric: statements, outcome: 'failed', by: 'service' }), legend: '{{service}}' },
          ],
        }),
      ],
    },
    {
      title: 'NATS',
      panels: [
        lines({
          title: 'Connected to NATS',
          means: 'The lowest of each service: 0 where a process has no connection.',
          unit: 'none',
          width: 8,
          max: 1,
          queries: [
            { expr: 'min by (service) (cipherchat_nats_connected{service!="probe"})', legend: '{{service}}' },
          ],
        }),
        lines({
          title: 'Messages over NATS',
          means: 'In and out, by service.',
          unit: 'ops',
          width: 8,
          queries: [
            {
              expr: rateBy('service, direction', 'cipherchat_nats_messages_total'),
              legend: '{{service}} {{direction}}',
            },
          ],
        }),
        lines({
          title: 'Requests between services, slowest of a hundred',
          means: 'From asked to answered, by command.',
          unit: 's',
          width: 8,
          queries: [{ expr: slowest(requests, 'command'), legend: '{{command}}' }],
        }),
        lines({
          title: 'Share of requests that nobody answered',
          means:
            'By command. Above 5 % for five minutes somebody is called. Nothing is lost by it: clients ask again.',
          unit: 'percentunit',
          width: 12,
          steps: [{ from: 0.05, colour: 'red' }],
          queries: [
            {
              expr: failed({ metric: requests, outcome: 'unanswered', by: 'command' }),
              legend: '{{command}}',
            },
          ],
        }),
        lines({
          title: 'Reconnects, and what was not published meanwhile',
          means:
            'While NATS was away. Whoever missed it looks by itself; many reconnects are a NATS that comes and goes.',
          unit: 'none',
          width: 12,
          queries: [
            {
              expr: 'sum(increase(cipherchat_nats_dropped_publishes_total[$__rate_interval]))',
              legend: 'not published',
            },
            {
              expr: 'sum(increase(cipherchat_nats_reconnects_total[$__rate_interval]))',
              legend: 'reconnects',
            },
          ],
        }),
      ],
    },
    {
      title: 'Redis',
      panels: [
        lines({
          title: 'Connected to Redis',
          means:
            'The lowest of each service. Without Redis limits are not held and presence is unknown; messages go on.',
          unit: 'none',
          width: 8,
          max: 1,
          queries: [{ expr: 'min by (service) (cipherchat_redis_connected)', legend: '{{service}}' }],
        }),
        lines({
          title: 'Slowest commands',
          means: 'The slowest of a hundred, by command.',
          unit: 's',
          width: 8,
          queries: [{ expr: slowest(redis, 'command'), legend: '{{command}}' }],
        }),
        lines({
          title: 'Share of commands that failed',
          means: 'By service. Above 5 % for two minutes somebody is called.',
          unit: 'percentunit',
          width: 8,
          steps: [{ from: 0.05, colour: 'red' }],
          queries: [
            { expr: failed({ metric: redis, outcome: 'failed', by: 'service' }), legend: '{{service}}' },
          ],
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        lines({
          title: 'Event loop lag',
          means:
            'By how much a process is late for its own timers, slowest of a hundred. Whatever it carries waits as long.',
          unit: 's',
          width: 6,
          steps: [{ from: 0.2, colour: 'red' }],
          queries: [
            {
              // Without lag it shows the 0.1 s between two looks.
              expr: 'clamp_min(max by (service, instance) (nodejs_eventloop_lag_p99_seconds) - 0.1, 0)',
              legend: '{{service}} {{instance}}',
            },
          ],
        }),
        lines({
          title: 'CPU',
          means: 'Cores in use. Around 1 a process is full: its JavaScript runs on one.',
          unit: 'none',
          width: 6,
          queries: [
            {
              expr: rateBy('service, instance', 'process_cpu_seconds_total'),
              legend: '{{service}} {{instance}}',
            },
          ],
        }),
        lines({
          title: 'Memory',
          means: 'Resident. It grows with open sockets and queues, and comes down with them.',
          unit: 'bytes',
          width: 6,
          queries: [
            {
              expr: 'sum by (service, instance) (process_resident_memory_bytes)',
              legend: '{{service}} {{instance}}',
            },
          ],
        }),
        lines({
          title: 'Time in garbage collection',
          means: 'Share of each second. Above a tenth memory is too small.',
          unit: 'percentunit',
          width: 6,
          queries: [
            {
              expr: rateBy('service, instance', 'nodejs_gc_duration_seconds_sum'),
              legend: '{{service}} {{instance}}',
            },
          ],
        }),
        lines({
          title: 'Bugs and warnings',
          means: 'Events of the log that somebody should read: unexpected errors are bugs.',
          unit: 'ops',
          width: 24,
          queries: [
            {
              expr:
                rateBy(
                  'service, event',
                  'cipherchat_events_total{event=~"service.unexpected-error|dependency.unavailable|messages.append-failed|messages.acknowledge-failed|messages.retention-failed|gateway.store-unavailable|rate-limit.unavailable|revocations.poll-failed"}',
                ) + ' > 0 or label_replace(vector(0), "event", "none", "", "")',
              legend: '{{service}} {{event}}',
            },
          ],
        }),
      ],
    },
  ],
});
