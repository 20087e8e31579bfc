/** docs/metrics.md, as the catalogue makes it. */
import { metricCatalogue } from '../metric-catalogue.js';
import type { Buckets, MetricDefinition } from '../metric-definition.js';
import { table } from './markdown-table.js';

const introduction = `<!-- Made from libs/telemetry by \`npm run docs:telemetry\`. Change the source, not this page. -->

# Metrics

Every service answers \`GET /metrics\` on its own port in [OpenMetrics](https://github.com/prometheus/OpenMetrics), which Prometheus reads, whatever was asked for ([why](decisions/0017-keep-series-in-prom-client-and-answer-in-openmetrics.md)). The ingress does not route the path: what is counted is for those who run the system.

All that a service of ours can show is in [one file](../libs/telemetry/src/metric-catalogue.ts), from which this page is made. Every label has a closed set of values, so that nothing that names a person, a device or a conversation can become one; what each label is for stands in [what the server knows](what-the-server-knows.md#metrics-labels). Every series has the label \`service\`; where the scrape sets one of that name (the Prometheus operator does), keep ours with \`honorLabels: true\`.

Durations are measured by one clock each, of the process that shows them, unless the text says otherwise. With an exemplar, a bucket of a histogram names the last trace that fell into it.

What is counted for a message costs it 0.4 to 0.8 µs at the gateway that takes it, 0.2 to 0.9 in the store (less in larger batches) and 0.2 to 0.4 at each socket that it is forwarded to. Gauges cost nothing until somebody looks.`;

const ofNode = `## Of Node itself

From [prom-client](https://github.com/siimon/prom-client), under its names, for every service: \`nodejs_eventloop_lag_*_seconds\` (how late the event loop is, sampled every 100 ms), \`nodejs_gc_duration_seconds\` by \`kind\`, \`nodejs_heap_*_bytes\`, \`process_cpu_*_seconds_total\`, \`process_resident_memory_bytes\`, \`process_open_fds\`, \`process_start_time_seconds\`.`;

type Entry = readonly [name: string, definition: MetricDefinition];

export function metricsPage(): string {
  const entries = Object.entries<MetricDefinition>(metricCatalogue);
  // What several services show stands before what one does.
  const headings = [...new Set(entries.toSorted(byFewest).map(headingOf))];
  return `${[
    introduction,
    ...headings.map((heading) =>
      section(
        heading,
        entries.filter((entry) => headingOf(entry) === heading),
      ),
    ),
    ofNode,
    bucketSection(entries),
  ].join('\n\n')}\n`;
}

function byFewest([, one]: Entry, [, other]: Entry): number {
  const count = ({ services }: MetricDefinition): number =>
    services === 'every' ? Infinity : services.length;
  return count(other) === count(one) ? 0 : count(other) - count(one);
}

function headingOf([, { services }]: Entry): string {
  return services === 'every' ? 'Every service' : services.join(', ');
}

function section(heading: string, entries: readonly Entry[]): string {
  return [
    `## ${heading}`,
    table(
      ['metric', 'type', 'labels', 'what it is'],
      entries.map(([name, definition]) => [
        `\`${name}\``,
        definition.type,
        labelText(definition),
        definition.help,
      ]),
    ),
  ].join('\n\n');
}

/** Long sets stand in the source that they are made from. */
const namedSets: Readonly<Record<string, string>> = {
  route: 'the [paths](protocol/openapi.json) as templates, health, `unmatched`',
  code: 'the [codes of problems](protocol/errors.md)',
  event: 'the [events of the log](../libs/telemetry/src/log-events.ts)',
};

function labelText({ labels }: MetricDefinition): string {
  const texts = Object.entries(labels).map(([label, values]) => {
    const named = namedSets[label];
    return `\`${label}\`: ${named ?? values.map((value) => `\`${value}\``).join(' ')}`;
  });
  return texts.join('; ');
}

function bucketSection(entries: readonly Entry[]): string {
  const users = new Map<Buckets, string[]>();
  for (const [name, definition] of entries)
    if (definition.type === 'histogram')
      users.set(definition.buckets, [...(users.get(definition.buckets) ?? []), name]);
  return [
    '## Buckets',
    table(
      ['upper bounds', 'why', 'used by'],
      [...users].map(([{ bounds, why }, names]) => [
        bounds.join(' '),
        why,
        names.map((name) => `\`${name}\``).join(' '),
      ]),
    ),
  ].join('\n\n');
}
