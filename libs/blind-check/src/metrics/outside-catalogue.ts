/**
 * Holds what a service really shows to the catalogue: every metric that is given to it and no other, and every label
 * with a value of its closed set. Whatever an id may look like, it is in none of them.
 */
import { isShownBy, metricCatalogue, type MetricDefinition, type ServiceName } from '@cipherchat/telemetry';

/** Of histograms; on all, `service`. */
const ownLabels: readonly string[] = ['le', 'service'];

/** A line for each fault. */
export function outsideCatalogue(params: {
  readonly service: ServiceName;
  readonly exposition: string;
}): readonly string[] {
  const { service, exposition } = params;
  const lines = exposition.split('\n').filter((line) => /^(# TYPE )?cipherchat_/.test(line));
  const shown = new Set(lines.flatMap(metricIn));
  const given = Object.entries<MetricDefinition>(metricCatalogue).filter(([, definition]) =>
    isShownBy(definition, service),
  );
  return [
    ...[...shown]
      .filter((name) => !given.some(([known]) => known === name))
      .map((name) => `${service} shows ${name}, which the catalogue does not give to it`),
    ...given
      .filter(([name]) => !shown.has(name))
      .map(([name]) => `${service} does not show ${name}, which the catalogue gives to it`),
    ...lines
      .filter((line) => !line.startsWith('#'))
      .flatMap((line) => [...strangeLabels(service, line), ...strangeExemplar(service, line)]),
  ];
}

/** OpenMetrics names a counter without the suffix that its samples have, and that the catalogue writes. */
function metricIn(line: string): readonly string[] {
  const [, name, type] = /^# TYPE (\w+) (\w+)$/.exec(line) ?? [];
  return name === undefined ? [] : [type === 'counter' ? `${name}_total` : name];
}

/** The value is not repeated: it may be what must not be told. */
function strangeLabels(service: ServiceName, line: string): readonly string[] {
  const [, sample = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(beforeExemplar(line)) ?? [];
  const name = Object.keys(metricCatalogue).find(
    (known) => sample === known || /^_(bucket|sum|count)$/.test(sample.replace(known, '')),
  );
  const sets: MetricDefinition['labels'] =
    name === undefined ? {} : metricCatalogue[name as keyof typeof metricCatalogue].labels;
  return [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].flatMap(([, label = '', value = '']) =>
    ownLabels.includes(label) || sets[label]?.includes(value) === true
      ? []
      : [`${service} shows ${sample} with a value of ${label} outside its set`],
  );
}

/** Of a trace, which is listed itself, and of nothing else. */
function strangeExemplar(service: ServiceName, line: string): readonly string[] {
  const sample = beforeExemplar(line);
  const exemplar = line.slice(sample.length);
  return exemplar === '' || /^ # \{trace_id="[0-9a-f]{32}"\} [\d.e-]+ [\d.]+$/.test(exemplar)
    ? []
    : [`${service} shows ${/^\w+/.exec(sample)?.[0] ?? ''} with an exemplar that is more than a trace`];
}

function beforeExemplar(line: string): string {
  const [sample = ''] = line.split(' # ', 1);
  return sample;
}
