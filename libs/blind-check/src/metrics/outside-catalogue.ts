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
  const shown = new Set(lines.flatMap((line) => /^# TYPE (\w+)/.exec(line)?.[1] ?? []));
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
    ...lines.filter((line) => !line.startsWith('#')).flatMap((line) => strangeLabels(service, line)),
  ];
}

/** The value is not repeated: it may be what must not be told. */
function strangeLabels(service: ServiceName, line: string): readonly string[] {
  const [, sample = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
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
