/**
 * Reads docs/what-the-server-knows.md: its tables are the list that the check holds the system to. Each
 * section below is a second-level heading followed by one table; the first cell of a row is the thing's
 * name in backticks, the last cell the reason why the server must know it.
 */

/** Heading → what its names name. */
export const sections = {
  columns: 'Postgres: columns',
  redisKeys: 'Redis: keys',
  natsSubjects: 'NATS: subjects',
  natsHeaders: 'NATS: headers',
  frameFields: 'Socket: frame fields',
  logFields: 'Logs: fields',
  metricLabels: 'Metrics: labels',
  spanAttributes: 'Traces: attributes',
} as const;
export type SectionName = keyof typeof sections;

export type KnownThing = { readonly name: string; readonly reason: string };
export type KnownThings = { readonly [Section in SectionName]: readonly KnownThing[] };

/** What is wrong with the document itself, in a line each. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

const minReasonLength = 8;

/** @throws DocumentError for a missing section, a row without a reason, or a name that is listed twice */
export function readKnownThings(markdown: string): KnownThings {
  const entries = Object.entries(sections).map(([section, heading]) => [
    section,
    tableUnder({ markdown, heading }),
  ]);
  return Object.fromEntries(entries) as KnownThings;
}

function tableUnder(params: { readonly markdown: string; readonly heading: string }): readonly KnownThing[] {
  const { markdown, heading } = params;
  const lines = markdown.split('\n');
  const start = lines.indexOf(`## ${heading}`);
  if (start < 0) throw new DocumentError(`the section "## ${heading}" is missing`);
  const end = lines.findIndex((line, index) => index > start && line.startsWith('## '));
  const rows = lines.slice(start, end < 0 ? undefined : end).filter((line) => line.startsWith('| `'));
  if (rows.length === 0) throw new DocumentError(`the section "## ${heading}" has no row`);
  const things = rows.map((row) => thingOf(row, heading));
  const twice = things.find((thing, index) => things.findIndex((other) => other.name === thing.name) < index);
  if (twice !== undefined) throw new DocumentError(`"## ${heading}" lists ${twice.name} twice`);
  return things;
}

function thingOf(row: string, heading: string): KnownThing {
  const cells = row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
  const name = /^`([^`]+)`$/.exec(cells[0] ?? '')?.[1];
  const reason = cells.at(-1) ?? '';
  if (name === undefined)
    throw new DocumentError(`"## ${heading}": a row's first cell is not one name in backticks`);
  if (cells.length < 2 || reason.length < minReasonLength)
    throw new DocumentError(`"## ${heading}": ${name} has no reason`);
  return { name, reason };
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** What a `<placeholder>` in a listed name stands for. */
const placeholders: Readonly<Record<string, string>> = {
  user: uuid,
  device: uuid,
  conversation: uuid,
  session: uuid,
  number: '\\d+',
  /** Letters and hyphens of ours: the name of a limiter, a service. */
  word: '[a-z]+(?:[.-][a-z]+)*',
  /** Base64url of random bytes or of a hash. */
  random: '[A-Za-z0-9_-]{8,}',
};

/** A name with placeholders as a pattern of whole names. @throws DocumentError for a placeholder that is not known */
export function patternOf(name: string): RegExp {
  const parts = name.split(/(<[a-z]+>)/);
  const source = parts.map((part) =>
    /^<[a-z]+>$/.test(part)
      ? placeholderSource(part.slice(1, -1))
      : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`);
}

function placeholderSource(placeholder: string): string {
  const source = placeholders[placeholder];
  if (source === undefined)
    throw new DocumentError(
      `<${placeholder}> is not a placeholder; known are ${Object.keys(placeholders).join(', ')}`,
    );
  return source;
}
