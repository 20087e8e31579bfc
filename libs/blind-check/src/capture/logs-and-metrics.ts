import { readFile } from 'node:fs/promises';
import type { ServiceName } from '@cipherchat/telemetry';
import type { Captured } from '../detector/secret.js';
import { outsideCatalogue } from '../metrics/outside-catalogue.js';

/** Service logs: one JSON object per line. */
export type LogContent = {
  readonly captured: readonly Captured[];
  readonly fields: readonly string[];
  readonly strangeLines: readonly string[];
};

export async function captureLogs(files: readonly string[]): Promise<LogContent> {
  const captured: Captured[] = [];
  const fields = new Set<string>();
  const strangeLines: string[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    captured.push({ place: 'logs', location: file, bytes });
    for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
      if (line === '') continue;
      const parsed = parseObject(line);
      // Only the place is told: what an unstructured line says is exactly what must not be repeated.
      if (parsed === undefined) strangeLines.push(`${file} line ${index + 1} is not a JSON object`);
      else for (const field of fieldsOf(parsed)) fields.add(field);
    }
  }
  return { captured, fields: [...fields].sort(), strangeLines };
}

function parseObject(line: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** `error.code` for a field inside a field; members of lists have no name of their own. */
function fieldsOf(value: unknown, prefix = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, prefix));
  if (typeof value !== 'object' || value === null) return prefix === '' ? [] : [prefix];
  return Object.entries(value).flatMap(([name, inner]) =>
    fieldsOf(inner, prefix === '' ? name : `${prefix}.${name}`),
  );
}

/** What the Prometheus endpoints show. */
export type MetricsContent = {
  readonly captured: readonly Captured[];
  readonly labels: readonly string[];
  /** What a service shows and the catalogue does not give to it, or the other way round. */
  readonly faults: readonly string[];
};

export async function captureMetrics(
  services: readonly { readonly service: ServiceName; readonly url: string }[],
): Promise<MetricsContent> {
  const pages = await Promise.all(
    services.map(async ({ service, url: origin }) => {
      const url = `${origin}/metrics`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(metricsTimeoutMs) });
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      return { service, url, text: await answer.text() };
    }),
  );
  return {
    captured: pages.map(({ url, text }) => ({
      place: 'metrics',
      location: url,
      bytes: Buffer.from(text, 'utf8'),
    })),
    faults: pages.flatMap(({ service, text }) => outsideCatalogue({ service, exposition: text })),
    labels: [...new Set(pages.flatMap(({ text }) => labelsOf(text)))].sort(),
  };
}

const metricsTimeoutMs = 5_000;

/** Names of the labels, of exemplars too: `name{label="value",other="value"} 1 # {trace_id="value"} 1`. */
export function labelsOf(exposition: string): readonly string[] {
  return exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) =>
      Array.from(
        (/\{(.*)\}/.exec(line)?.[1] ?? '').matchAll(/([A-Za-z_]\w*)="(?:[^"\\]|\\.)*"/g),
        ([, name = '']) => name,
      ),
    );
}
