/** What a service's `/metrics` shows, for tests that count. */

const patienceMs = 10_000;
const pauseMs = 25;

type Labels = Readonly<Record<string, string>>;
type Series = { readonly name: string; readonly labels: Labels; readonly value: number };

export class ScrapedMetrics {
  private constructor(
    readonly text: string,
    private readonly series: readonly Series[],
  ) {}

  static async of(service: { readonly url: string }): Promise<ScrapedMetrics> {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return new ScrapedMetrics(text, text.split('\n').flatMap(seriesIn));
  }

  /** The sum of all series with these labels, whatever else they have; 0 where there is none. */
  sum(name: string, labels: Labels = {}): number {
    return this.series
      .filter((series) => series.name === name)
      .filter((series) => Object.entries(labels).every(([label, value]) => series.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  has(name: string): boolean {
    return this.series.some((series) => series.name === name);
  }
}

/** Looks again until it is so, and gives what it saw. */
export async function scrapedOnce(
  service: { readonly url: string },
  holds: (metrics: ScrapedMetrics) => boolean,
): Promise<ScrapedMetrics> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const metrics = await ScrapedMetrics.of(service);
    if (holds(metrics)) return metrics;
    if (performance.now() > deadline) throw new Error(`never shown, only:\n${metrics.text}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function seriesIn(line: string): readonly Series[] {
  const [sample = ''] = line.split(' # ', 1); // an exemplar follows
  const [, name, labelText = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(sample) ?? [];
  if (name === undefined || value === undefined) return [];
  const pairs = Array.from(
    labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g),
    ([, label = '', text = '']) => [label, text] as const,
  );
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value.replace('+Inf', 'Infinity')) }];
}
