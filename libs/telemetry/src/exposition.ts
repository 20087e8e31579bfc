/** Families of samples as text: the Prometheus format, and OpenMetrics, which has exemplars, for whoever asks for it. */

export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly exemplar?: { readonly traceId: string; readonly value: number } | undefined;
};

export type Family = {
  /** Of a counter with its `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
};

export type Format = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What an `Accept` header asks for. Prometheus names OpenMetrics where it takes it, and a person's browser does not. */
export function formatFor(accept: string | undefined): Format {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
}

export function expose(params: {
  readonly families: readonly Family[];
  readonly format: Format;
  /** On every sample. */
  readonly labels: Readonly<Record<string, string>>;
}): string {
  const { families, format, labels } = params;
  const lines = families.flatMap(({ name, help, type, samples }) => {
    // OpenMetrics names the family of a counter without the suffix that its sample has.
    const family = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
    return [
      `# HELP ${family} ${escaped(help)}`,
      `# TYPE ${family} ${type}`,
      ...samples.map(
        (sample) =>
          `${sample.name}${labelText({ ...sample.labels, ...labels })} ${numberText(sample.value)}${format === 'openmetrics' ? exemplarText(sample) : ''}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

function exemplarText({ exemplar }: Sample): string {
  return exemplar === undefined
    ? ''
    : ` # {trace_id="${escaped(exemplar.traceId)}"} ${numberText(exemplar.value)}`;
}

function labelText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/** A quote needs none in a help text of the Prometheus format, and none of ours has one. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
