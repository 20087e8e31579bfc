/** Writes the table of columns into the document, from the comments in the database. */
import { DocumentError } from './known-things.js';
import type { CommentedColumn } from './compare.js';

const startMark =
  '<!-- columns: written by `npm run test:blind -- --write-columns` from the comments in the database -->';
const endMark = '<!-- end of columns -->';

/** @throws DocumentError when a column has no comment, or the marks are missing */
export function withColumnTable(params: {
  readonly markdown: string;
  readonly columns: readonly CommentedColumn[];
}): string {
  const { markdown, columns } = params;
  const [start, end] = [markdown.indexOf(startMark), markdown.indexOf(endMark)];
  if (start < 0 || end < start) throw new DocumentError('the marks around the table of columns are missing');
  const uncommented = columns.filter(({ comment }) => comment === null);
  if (uncommented.length > 0)
    throw new DocumentError(`columns without a comment: ${uncommented.map(({ name }) => name).join(', ')}`);
  const rows = columns.map(
    ({ name, comment }) => `| \`${name}\` | ${(comment ?? '').replaceAll('|', '\\|')} |`,
  );
  const table = ['| column | why the server must know it |', '| --- | --- |', ...rows].join('\n');
  return `${markdown.slice(0, start + startMark.length)}\n\n${table}\n\n${markdown.slice(end)}`;
}
