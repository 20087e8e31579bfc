import { describe, expect, it } from '@jest/globals';
import { withColumnTable } from './column-table.js';
import { stale, unlikeComments, unlisted, type SeenThings } from './compare.js';
import { DocumentError, patternOf, readKnownThings, sections } from './known-things.js';

const device = '0190b6a2-7c1e-4f6a-9c3b-2d1e0f4a5b6c';

const rowsOf: Readonly<Record<string, readonly string[]>> = {
  columns: ['| `auth.devices.id` | Names the device in every request. |'],
  redisKeys: ['| `challenge:<device>` | the challenge | 60 s | A challenge must be used once only. |'],
  natsSubjects: ['| `live.user.<user>` | Gateways subscribe for the users they hold. |'],
  natsHeaders: ['| `traceparent` | Joins the spans of one request. |'],
  frameFields: ['| `append.commitSeq` | The store refuses what builds on an old commit. |'],
  logFields: ['| `durationMs` | Slow requests are found by it. |'],
  metricLabels: ['| `route` | Latency is watched for each route. |'],
  spanAttributes: ['| `http.route` | The template of a path. |'],
};

function documentWith(rows: Readonly<Record<string, readonly string[]>> = {}): string {
  return Object.entries(sections)
    .flatMap(([section, heading]) => [
      `## ${heading}`,
      'Words.',
      '| name | why |',
      '| --- | --- |',
      ...(rows[section] ?? rowsOf[section] ?? []),
      '',
    ])
    .join('\n');
}

const seen: SeenThings = {
  columns: ['auth.devices.id'],
  redisKeys: [`challenge:${device}`],
  natsSubjects: [`live.user.${device}`],
  natsHeaders: ['traceparent'],
  frameFields: ['append.commitSeq'],
  logFields: ['durationMs'],
  metricLabels: ['route'],
  spanAttributes: ['http.route'],
};
const columns = [{ name: 'auth.devices.id', comment: 'Names the device in every request.' }];

describe('the document of what the server knows', () => {
  it('is read into names and reasons', () => {
    expect(readKnownThings(documentWith()).redisKeys).toEqual([
      { name: 'challenge:<device>', reason: 'A challenge must be used once only.' },
    ]);
  });

  it('may contain a bar in a reason', () => {
    const known = readKnownThings(
      documentWith({ logFields: ['| `status` | Counts 2xx \\| 5xx answers. |'] }),
    );
    expect(known.logFields[0]?.reason).toBe('Counts 2xx | 5xx answers.');
  });

  it.each([
    [
      'a section is missing',
      documentWith().replace('## NATS: headers', '## Headers'),
      /NATS: headers.*missing/,
    ],
    ['a section is empty', documentWith({ logFields: [] }), /Logs: fields.*no row/],
    [
      'a reason is missing',
      documentWith({ natsHeaders: ['| `traceparent` | |'] }),
      /traceparent has no reason/,
    ],
    [
      'a name is listed twice',
      documentWith({
        logFields: [...(rowsOf['logFields'] ?? []), '| `durationMs` | Once more, for luck. |'],
      }),
      /twice/,
    ],
    [
      'a row has more than a name in its first cell',
      documentWith({ logFields: ['| `a` and `b` | Two in one row, unclear. |'] }),
      /one name/,
    ],
  ])('is refused when %s', (_, markdown, message) => {
    expect(() => readKnownThings(markdown)).toThrow(DocumentError);
    expect(() => readKnownThings(markdown)).toThrow(message);
  });

  it('finds nothing wrong when everything seen is listed', () => {
    const known = readKnownThings(documentWith());
    expect(unlisted({ known, seen })).toEqual([]);
    expect(stale({ known, seen, complete: ['columns', 'frameFields'] })).toEqual([]);
    expect(unlikeComments({ known, columns })).toEqual([]);
  });

  it.each(Object.keys(sections) as ReadonlyArray<keyof typeof sections>)(
    'reports one thing of %s that it does not list',
    (section) => {
      const known = readKnownThings(documentWith());
      const discrepancies = unlisted({
        known,
        seen: { ...seen, [section]: [...seen[section], 'plainTextOf:bob'] },
      });
      expect(discrepancies).toEqual([`"## ${sections[section]}" does not list "plainTextOf:bob"`]);
    },
  );

  it('reports a listed column that does not exist', () => {
    const known = readKnownThings(documentWith());
    expect(stale({ known, seen: { ...seen, columns: [] }, complete: ['columns'] })).toEqual([
      '"## Postgres: columns" lists auth.devices.id, which does not exist',
    ]);
  });

  it('reports a comment that is missing or differs from the reason', () => {
    const known = readKnownThings(documentWith());
    expect(unlikeComments({ known, columns: [{ name: 'auth.devices.id', comment: null }] })).toHaveLength(1);
    expect(
      unlikeComments({ known, columns: [{ name: 'auth.devices.id', comment: 'Something else.' }] }),
    ).toHaveLength(1);
  });
});

describe('a placeholder', () => {
  it('matches its kind and nothing else', () => {
    expect(patternOf('challenge:<device>').test(`challenge:${device}`)).toBe(true);
    expect(patternOf('challenge:<device>').test('challenge:bob')).toBe(false);
    expect(patternOf('limit:<word>:<random>').test('limit:sign-in:AbC_123-xyz')).toBe(true);
    expect(patternOf('limit:<word>').test('limit:x9')).toBe(false);
    expect(patternOf('a.b').test('axb')).toBe(false);
  });

  it('is refused when it is not known', () => {
    expect(() => patternOf('x:<anything>')).toThrow(DocumentError);
  });
});

describe('the table of columns', () => {
  const marked = documentWith({
    columns: [
      '<!-- columns: written by `npm run test:blind -- --write-columns` from the comments in the database -->',
      'rows of before',
      '<!-- end of columns -->',
    ],
  });

  it('is written from the comments, and read back the same', () => {
    const written = withColumnTable({
      markdown: marked,
      columns: [...columns, { name: 'auth.devices.kind', comment: 'One of a | b, as chosen.' }],
    });
    expect(readKnownThings(written).columns).toEqual([
      { name: 'auth.devices.id', reason: 'Names the device in every request.' },
      { name: 'auth.devices.kind', reason: 'One of a | b, as chosen.' },
    ]);
    expect(written).not.toContain('rows of before');
    expect(withColumnTable({ markdown: written, columns })).toContain('auth.devices.id');
  });

  it('is not written while a column has no comment, or the place for it is gone', () => {
    expect(() => withColumnTable({ markdown: marked, columns: [{ name: 'a.b.c', comment: null }] })).toThrow(
      /a\.b\.c/,
    );
    expect(() => withColumnTable({ markdown: documentWith(), columns })).toThrow(/marks/);
  });
});
